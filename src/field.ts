import type { JsonValue } from './entry.ts';

/**
 * The value of a field, by its name; names of nested fields separated by dots. A name that itself has dots in it comes
 * first. Null when there is none.
 */
export function fieldAt(fields: JsonValue, path: string): JsonValue {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null;
  const whole = Object.hasOwn(fields, path) ? fields[path] : undefined;
  if (whole !== undefined) return whole;
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (Object.hasOwn(fields, name)) return fieldAt(fields[name] ?? null, path.slice(dot + 1));
  }
  return null;
}
