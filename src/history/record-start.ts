import { lineStart } from '../file/line-start.ts';
import type { Begins, Layout } from './joiner.ts';
import { linesOf, type Text } from './lines.ts';

/** Bytes looked back over at first for the line that begins a record. */
const glanceBytes = 4 * 1024;

/**
 * Byte offset at which the record begins that the line at byte `line` belongs to: the line's own where none is near
 * enough. Null when the record may begin before byte `start`, up to which was looked.
 *
 * @param lineBefore gives the line that ends at `start`; '' where there is none
 */
export async function recordStartIn(
  text: Text,
  { line, start, end }: { line: number; start: number; end: number },
  { begins, maxRecordBytes }: Layout,
  lineBefore = async () => '',
): Promise<number | null> {
  if (begins === null) return line;
  for (let bytes = glanceBytes; ; bytes *= 4) {
    const from = Math.max(start, await lineStart(text, Math.max(0, line - bytes)));
    // What stands before the first line is not known in the midst of a file.
    const previous = from <= start ? await lineBefore() : null;
    const found = await lastBegin(text, { from, line, end, previous }, { begins, maxRecordBytes });
    if (found !== null) return found;
    if (line - from > maxRecordBytes) return line;
    if (from <= start) return null;
  }
}

/** Byte offset of the last line from `from` to `line` that begins a record; null when none does. */
async function lastBegin(
  text: Text,
  { from, line, end, ...before }: { from: number; line: number; end: number; previous: string | null },
  { begins, maxRecordBytes }: { begins: Begins; maxRecordBytes: number },
): Promise<number | null> {
  let last: number | null = null;
  let { previous } = before;
  for await (const { lines } of linesOf(text, from, end, maxRecordBytes, glanceBytes)) {
    for (const { position, raw } of lines) {
      if (position.offset > line) return last;
      if (previous !== null && begins(raw, previous)) last = position.offset;
      previous = raw;
    }
  }
  return last;
}
