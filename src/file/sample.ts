import type { RawRecord } from '../entry.ts';

/** A few bytes of a file by which it is known that the file was not emptied and written anew. */
export interface Sample {
  /** Of the first of them, in the file. */
  offset: number;
  /** A character for each byte. */
  latin1: string;
  /** Text of the record that it was taken from; null when it was not taken from one. */
  of: string | null;
}

/** Bytes of a sample: they are read again for each line of a busy file. */
const sampleBytes = 6;

/** Of those, how many stand before the first difference: the digits of a number change from the last. */
const before = 4;

/**
 * A sample of the last record in bytes that were read: from where it differs from the record before, as logs are alike in
 * all but times and numbers. The last sample when there is no record. Null when the record began before these bytes, or
 * its characters are not one byte each, so that nobody knows where it differs.
 *
 * @param offset of the first byte, in the file
 */
export function sampleOf(bytes: Buffer, offset: number, records: RawRecord[], last: Sample): Sample | null {
  const record = records.at(-1);
  if (record === undefined) return last.of === null ? null : last;
  const { raw, position } = record;
  const begin = position.offset - offset;
  const lineEnd = position.length - raw.length;
  if (begin < 0 || raw.length < sampleBytes || lineEnd < 1 || lineEnd > 2) return null;
  const difference = firstDifference(raw, records.at(-2)?.raw ?? last.of ?? '');
  const start = begin + Math.min(Math.max(difference - before, 0), raw.length - sampleBytes);
  // Not from the text, where another character may stand for a byte that is none.
  return { offset: offset + start, latin1: bytes.toString('latin1', start, start + sampleBytes), of: raw };
}

/** The last bytes that were read, where there is nothing better. */
export const lastBytes = ({ before: bytes, readOffset }: { before: Buffer; readOffset: number }): Sample => ({
  offset: readOffset - bytes.length,
  latin1: bytes.toString('latin1'),
  of: null,
});

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
