import type { RawRecord } from '../entry.ts';

/** A few bytes of a file by which it is known that the file was not emptied and written anew. */
export interface Sample {
  offset: number;
  bytes: Buffer;
  /** Text of the record that it was taken from; null when it was not taken from one. */
  of: string | null;
}

/** Bytes of a sample: they are read again for each line of a busy file. */
const sampleBytes = 6;

/** Of those, how many stand before the first difference: the digits of a number change from the last. */
const before = 4;

/**
 * A sample of the last record: from where it differs from the record before, as logs are alike in all but times and
 * numbers. Null when there is no record, or its bytes are not its characters.
 */
export function sampleOf(records: RawRecord[], last: Sample): Sample | null {
  const record = records.at(-1);
  if (record === undefined) return last.of === null ? null : last;
  const { raw, position } = record;
  const lineEnd = position.length - raw.length;
  if (raw.length < sampleBytes || lineEnd < 1 || lineEnd > 2) return null;
  const difference = firstDifference(raw, records.at(-2)?.raw ?? last.of ?? '');
  const start = Math.min(Math.max(difference - before, 0), raw.length - sampleBytes);
  const bytes = Buffer.from(raw.slice(start, start + sampleBytes), 'latin1');
  return { offset: position.offset + start, bytes, of: raw };
}

/** The last bytes that were read, where there is nothing better. */
export const lastBytes = ({ before: bytes, readOffset }: { before: Buffer; readOffset: number }): Sample => ({
  offset: readOffset - bytes.length,
  bytes,
  of: null,
});

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
