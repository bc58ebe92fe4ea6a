import { type Key, keyOf } from './key.ts';
import type { Layer } from './layer.ts';
import { valueFrom } from './text.ts';
import { setAt, type Tree } from './tree.ts';

/** Flags of the command line by the key they set, as typed, and `config`: the file to read. */
export interface Flags {
  config?: string;
  host?: string;
  port?: string;
  dataDir?: string;
  databaseUrl?: string;
}

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The layer that the flags make: it wins over all others. */
export function readFlags({ config: _, ...flags }: Flags, keys: readonly Key[], directory: string): Layer {
  const values: Tree = {};
  for (const [name, text] of Object.entries(flags)) {
    const key = keyOf(keys, [name]);
    if (key !== undefined && text !== undefined) setAt(values, key.path, valueFrom(text, key.schema));
  }
  return { values, problems: [], base: directory, placeOf: ([name]) => flagOf(String(name)) };
}
