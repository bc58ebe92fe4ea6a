import { decodeGlobalID, encodeGlobalID } from '@pothos/plugin-relay';

/** The global id of a row. */
export const globalId = (type: string, id: string): string => encodeGlobalID(type, id);

/**
 * The row's id in a global id of this type. What is malformed or of another type is an id of nothing: the empty text,
 * which no row has, so that a caller cannot tell it from one that is not theirs to see.
 */
export function rowId(type: string, id: string): string {
  const decoded = decode(id);
  return decoded?.typename === type ? decoded.id : '';
}

/** Null for what is no global id. None has a NUL character, which PostgreSQL refuses in any text. */
export function decode(id: string): { typename: string; id: string } | null {
  try {
    const decoded = decodeGlobalID(id);
    return decoded.id.includes('\0') ? null : decoded;
  } catch {
    return null;
  }
}
