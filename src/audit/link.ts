import { createHash } from 'node:crypto';

/** What ties a record to the one before it. */
export interface Link {
  /** From 1, and one more for each record of the stream. */
  sequence: number;
  /** SHA-256 of the line before, without its line end, hexadecimal; of the first one `beginning`. */
  previous: string;
}

/** The last record of a chain so far: its number and the hash of its line. */
export interface Tip {
  sequence: number;
  hash: string;
}

/** Before the first record. */
export const beginning: Tip = { sequence: 0, hash: '0'.repeat(64) };

export const hashOf = (line: string | Buffer): string => createHash('sha256').update(line).digest('hex');

const newline = 10;

/**
 * Ties lines of JSON objects to what was written before, by a last key `chain`; each keeps its bytes but for that.
 *
 * @param lines each with its line end
 */
export function sealed(lines: Buffer, tip: Tip): { lines: Buffer; tip: Tip } {
  const found: Buffer[] = [];
  let { sequence, hash: previous } = tip;
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start);
    sequence += 1;
    // Without the brace that closes it.
    const line = Buffer.from(
      `${lines.toString('utf8', start, end - 1)},"chain":${JSON.stringify({ sequence, previous })}}`,
    );
    previous = hashOf(line);
    found.push(line, Buffer.of(newline));
    start = end + 1;
  }
  return { lines: Buffer.concat(found), tip: { sequence, hash: previous } };
}

/** How a line is tied to the one before it; null when it does not say so in the way that `sealed` writes it. */
export function linkOf(line: string): Link | null {
  const [, sequence, previous] = /,"chain":\{"sequence":(\d{1,15}),"previous":"([0-9a-f]{64})"\}\}$/.exec(line) ?? [];
  return sequence === undefined || previous === undefined ? null : { sequence: Number(sequence), previous };
}
