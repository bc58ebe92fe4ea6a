import type { RawRecord } from '../entry.ts';
import { blockBytes, longBlockBytes } from '../file/block.ts';
import { LineSplitter } from '../file/line.ts';
import type { Segment } from '../file/segment.ts';

/** What is needed of an open file to read its lines. */
export type Text = Pick<Segment, 'encoding' | 'read' | 'before' | 'identityAt'>;

/**
 * The lines of a file from byte `start`, where one begins, to byte `end`, in portions as they are read; `offset` is where
 * the next one begins. What stands last without a newline is a line as well.
 */
export async function* linesOf(
  text: Text,
  start: number,
  end: number,
  maxBytes: number,
  atOnce = blockBytes,
): AsyncGenerator<{ lines: RawRecord[]; offset: number }, void, undefined> {
  const splitter = new LineSplitter({
    offset: start,
    before: await text.before(start),
    encoding: text.encoding,
    maxBytes,
    segment: (at) => text.identityAt(at),
  });
  let block = Buffer.allocUnsafe(Math.min(atOnce, end - start));
  while (splitter.readOffset < end) {
    const bytes = await text.read(block.subarray(0, end - splitter.readOffset), splitter.readOffset);
    if (bytes.length === 0) return;
    const lines = splitter.push(bytes);
    if (lines.length === 0 && block.length < longBlockBytes) block = Buffer.allocUnsafe(longBlockBytes);
    if (splitter.readOffset >= end) lines.push(...splitter.flush());
    yield { lines, offset: splitter.offset };
  }
}
