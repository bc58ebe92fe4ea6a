import { now } from '../latency/stamp.ts';

/** A line that says which it is and when it was written; all are of one length, so bytes that are skipped are lines. */
export const numberedLine = (number: number): string =>
  `order ${String(number).padStart(9, '0')} @${String(now()).padStart(17, '0')}\n`;

export const lineBytes = numberedLine(0).length;

/** The number and time (ns) of a line; null for what is none. */
export function numberedIn(text: string): { number: number; writtenAt: bigint } | null {
  const found = /^order (\d{9}) @(\d{17})$/.exec(text);
  return found && { number: Number(found[1]), writtenAt: BigInt(found[2] ?? 0) };
}
