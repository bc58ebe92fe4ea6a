import { lineStart } from '../file/line-start.ts';
import { type Reading, understood } from '../format/registry.ts';
import { Joiner } from './joiner.ts';
import { linesOf, type Text } from './lines.ts';

/** Bytes looked back over at first, and at most, for an entry that says when it happened. */
const [leastBytes, mostBytes] = [4 * 1024, 1024 * 1024];

/**
 * When the last entry before byte `end` of a file happened that says so, in ms since 1970, UTC: an entry without a time
 * takes that one's. Null when none does from byte `start` on, or in the MiB before.
 */
export async function timeBefore(
  text: Text,
  { start, end }: { start: number; end: number },
  { maxRecordBytes, ...reading }: Reading & { maxRecordBytes: number },
): Promise<number | null> {
  const { begins } = reading.format;
  for (let bytes = leastBytes; end > start; bytes *= 4) {
    const from = Math.max(start, await lineStart(text, Math.max(0, end - bytes)));
    const joiner = begins && new Joiner(begins, maxRecordBytes);
    let time: number | null = null;
    for await (const { lines } of linesOf(text, from, end, maxRecordBytes, bytes)) {
      for (const record of lines.flatMap((line) => joiner?.push(line) ?? [line])) {
        time = understood(record.raw, reading).timestamp ?? time;
      }
    }
    for (const record of joiner?.flush() ?? []) time = understood(record.raw, reading).timestamp ?? time;
    if (time !== null) return time;
    if (from <= start || bytes >= mostBytes) return null;
  }
  return null;
}
