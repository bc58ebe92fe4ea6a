import { readFileSync, statSync } from 'node:fs';
import type { Key } from './key.ts';
import { keyOf } from './key.ts';
import type { Layer } from './layer.ts';
import { suggestion } from './near.ts';
import { valueFrom } from './text.ts';
import { setAt, type Tree } from './tree.ts';

export type Environment = { readonly [name: string]: string | undefined };

/** Nobody's secret is longer; a larger file was named by mistake. */
const maxSecretBytes = 64 * 1024;

const fileOf = (key: Key): string => `${key.variable}_FILE`;

/** The variables that may set a key; the first that is set wins. */
function variablesOf(key: Key): string[] {
  if (key.schema.secrecy === undefined) return [key.variable];
  // DATABASE_URL is what hosting platforms and the Prisma CLI call it.
  return [key.variable, fileOf(key), ...(key.name === 'databaseUrl' ? ['DATABASE_URL'] : [])];
}

function readSecret(path: string): string {
  if (statSync(path).size > maxSecretBytes) throw new Error('it is larger than 64 KiB');
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};

/** The layer that environment variables make. An empty variable counts as not set. */
export function readEnvironment(environment: Environment, keys: readonly Key[], directory: string): Layer {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const values: Tree = {};
  const problems: string[] = [];
  const setBy = new Map<string, string>();

  for (const key of keys) {
    const variable = variablesOf(key).find(isSet);
    if (variable === undefined) continue;
    if (variable === key.variable && isSet(fileOf(key)) && key.schema.secrecy !== undefined) {
      problems.push(`${fileOf(key)}: ${key.name}: ${key.variable} is set too; unset one of them`);
    }
    setBy.set(key.name, variable);
    const text = environment[variable] ?? '';
    if (variable === fileOf(key)) {
      try {
        setAt(values, key.path, readSecret(text));
      } catch (error) {
        problems.push(`${variable}: ${key.name}: the file ${JSON.stringify(text)} cannot be read (${reasonOf(error)})`);
      }
      continue;
    }
    try {
      setAt(values, key.path, valueFrom(text, key.schema));
    } catch {
      problems.push(`${variable}: ${key.name}: expected values separated by commas, or a YAML list`);
    }
  }

  const known = keys.flatMap(variablesOf);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('TAILQL_') || known.includes(name)) continue;
    problems.push(`${name}: unknown variable${suggestion(name, known)}`);
  }

  const placeOf: Layer['placeOf'] = (path) => setBy.get(keyOf(keys, path)?.name ?? '') ?? 'environment';
  return { values, problems, base: directory, placeOf };
}
