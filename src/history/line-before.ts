import { lineStart } from '../file/line-start.ts';
import type { Begins } from './joiner.ts';
import { linesOf } from './lines.ts';
import type { Passage } from './passage.ts';

/** Whether a format looks at the line before: only then is another file opened for it, which may have to be unpacked. */
const looksBack = (begins: Begins): boolean => begins.length > 1;

/**
 * The line before the file of a span, for a record may begin with it; where it does not matter, or there is none, ''. So
 * it is where a span begins later in its file, for there a record ends.
 */
export async function lineBefore(passage: Passage, index: number): Promise<string> {
  const { begins, maxRecordBytes } = passage.layout;
  if (begins === null || !looksBack(begins) || index === 0 || (await passage.settled(index)).start > 0) return '';
  const { start, end } = await passage.settled(index - 1);
  if (start >= end) return lineBefore(passage, index - 1);
  const last = await passage.files.lend(index - 1, async (segment) => {
    if (segment === null) return null;
    const line = Math.max(start, await lineStart(segment, end - 1));
    let text = '';
    for await (const { lines } of linesOf(segment, line, end, maxRecordBytes)) text = lines.at(-1)?.raw ?? text;
    return text;
  });
  return last ?? lineBefore(passage, index - 1);
}
