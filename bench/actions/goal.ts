import type { Report } from '../bench.ts';

type Goal = Report['goals'][number];

/** A figure that should be at least so much. */
export const atLeast = (what: string, value: number, least: number): Goal => ({
  goal: `${what}: at least ${least} (${value})`,
  result: value >= least ? 'met' : 'missed',
});

/** A figure that should be below so much. */
export const below = (what: string, value: number, bound: number): Goal => ({
  goal: `${what}: below ${bound} (${value})`,
  result: value < bound ? 'met' : 'missed',
});
