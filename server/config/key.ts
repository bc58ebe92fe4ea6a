import { z } from 'zod';
import { configSchema } from '../../src/config.ts';
import type { Path } from './tree.ts';

/** What the JSON Schema of the configuration says about one value. */
export type ValueSchema = z.core.JSONSchema.BaseSchema;

/** One thing that can be configured: a key that is not a section of others. */
export interface Key {
  path: readonly string[];
  /** Dotted, as in messages: `limits.maxPageSize`. */
  name: string;
  /** Environment variable: `TAILQL_LIMITS_MAX_PAGE_SIZE`. */
  variable: string;
  schema: ValueSchema;
}

/** JSON Schema (draft 2020-12) of a configuration file. */
export const jsonSchema = (): ValueSchema => z.toJSONSchema(configSchema, { io: 'input' });

const isSchema = (value: unknown): value is ValueSchema => typeof value === 'object' && value !== null;

const upperSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Every key, in the order of the schema. */
export function keysOf(schema: ValueSchema, path: readonly string[] = []): Key[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if (!isSchema(inner)) return [];
    const innerPath = [...path, name];
    if (inner.type === 'object') return keysOf(inner, innerPath);
    const variable = ['TAILQL', ...innerPath.map(upperSnake)].join('_');
    return [{ path: innerPath, name: innerPath.join('.'), variable, schema: inner }];
  });
}

/** The schema of the value at `path`: a section, a key, or something within a list. */
export function schemaAt(schema: ValueSchema, path: Path): ValueSchema | undefined {
  let found: ValueSchema = schema;
  for (const part of path) {
    const inner = typeof part === 'number' ? found.items : found.properties?.[String(part)];
    if (!isSchema(inner)) return undefined;
    found = inner;
  }
  return found;
}

/** The key that `path` is, or leads into. */
export const keyOf = (keys: readonly Key[], path: Path): Key | undefined =>
  keys.find((key) => key.path.every((name, index) => path[index] === name));
