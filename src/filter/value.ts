import type { JsonValue, Parsed } from '../entry.ts';
import { fieldAt } from '../field.ts';
import { numberOf } from './quote.ts';

/** What the value of a field is compared with. */
export type Scalar = string | number | boolean;

export const isScalar = (value: JsonValue): value is Scalar => value !== null && typeof value !== 'object';

/** The value of a field of an entry: of `fields`, or its message. Null when there is none. */
export const valueAt = (parsed: Parsed, path: string): JsonValue =>
  path === 'message' ? parsed.message : fieldAt(parsed.fields, path);

/** A number as JSON has it, or a text that is one; null for anything else. */
export const asNumber = (value: JsonValue): number | null => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? numberOf(value) : null;
};

/**
 * Whether two values are the same. Texts are compared letter by letter; a number equals a text that is a number of the
 * same value, and true and false the texts "true" and "false", for formats differ in what they take for a number.
 */
export function isEqual(value: Scalar, other: Scalar): boolean {
  if (typeof value === typeof other) return value === other;
  if (typeof value === 'boolean' || typeof other === 'boolean') return String(value) === String(other);
  return asNumber(value) === asNumber(other);
}
