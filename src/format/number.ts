import type { JsonObject } from '../entry.ts';

/** Puts a number written in digits, with a fraction or without, unless there is none or a double cannot hold it. */
export const putNumber = (fields: JsonObject, name: string, digits: string): void => {
  if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(digits)) return;
  const value = Number(digits);
  if (value <= Number.MAX_SAFE_INTEGER) fields[name] = value;
};
