import type { JsonObject } from '../entry.ts';

/**
 * JSON with its line end. Whatever a program might take for a line end, a terminal for a command, or a reader for
 * nothing at all is written as an escape, so that no value can pass for a record of its own.
 */
export function jsonLine(record: JsonObject): string {
  const text = JSON.stringify(record);
  if (isPlain(text)) return `${text}\n`;
  const json = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    // A character beyond U+FFFF is two escapes, one for each half: RFC 8259, section 7.
    Array.from({ length: character.length }, (_, half) => escapeOf(character.charCodeAt(half))).join(''),
  );
  return `${json}\n`;
}

/** Whether a text has nothing in it but ASCII that can be seen: then nothing is to be escaped. */
export const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

const escapeOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
