import type { Path } from './tree.ts';

/** One place that configuration comes from. A later layer wins over an earlier one, key by key. */
export interface Layer {
  /** Nested as in a file; not checked yet. */
  values: unknown;
  /** What was found wrong while reading: one line each. */
  problems: string[];
  /** Directory that relative paths in it are relative to. */
  base: string;
  /** Where in the layer a value, or the key itself, stands: `tailql.config.yaml:3:5`, `TAILQL_PORT`, `--port`. */
  placeOf(path: Path, part: 'key' | 'value'): string;
}
