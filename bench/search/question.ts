import type { Needle } from '../../src/filter/condition.ts';

/** What is asked of an access log. The answer is a number, the same from whoever is asked. */
export type Question =
  /** How many lines have one of these in them. */
  | { kind: 'lines'; needles: Needle[] }
  /** How many requests were answered with this status or a higher one. */
  | { kind: 'status'; from: number }
  /** A histogram by minute: how many minutes have requests. */
  | { kind: 'minutes' }
  /** The last lines: how many came. */
  | { kind: 'last'; count: number };
