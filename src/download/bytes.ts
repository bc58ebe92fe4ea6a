import type { Position } from '../entry.ts';
import { longBlockBytes } from '../file/block.ts';
import type { Chain } from '../file/chain.ts';
import { markerBytes } from '../file/line.ts';
import type { Segment } from '../file/segment.ts';
import type { Standing } from '../file/standing.ts';
import { byteEndOfLog, rangeOf, whileChainMoves } from '../history/span.ts';

/** A stretch of one open file. */
interface Stretch {
  segment: Segment;
  start: number;
  end: number;
  /** What it stands on that these bytes are there. */
  standing: Standing;
}

/**
 * The bytes of a log as they stand in its files, oldest first, up to where the log ends now; compressed files unpacked.
 * One file is open at a time, and one block in memory. Files that may not be read are left out.
 *
 * @param signal aborted when nobody waits any more
 * @throws {PositionLostError} when what comes next was deleted or overwritten meanwhile
 */
export async function* bytesOf(chain: Chain, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  const end = await whileChainMoves(() => byteEndOfLog(chain));
  for (let after: Position | null = null; ; ) {
    const stretch: Stretch | null = await whileChainMoves(() => next(chain, after, end));
    if (stretch === null) return;
    try {
      // Where it begins stays known, whatever becomes of the file.
      const { prefix } = stretch.segment;
      if (prefix.length === 0) continue;
      for await (const { bytes, reached } of blocksOf(stretch)) {
        signal.throwIfAborted();
        after = reached;
        yield bytes;
      }
    } finally {
      await stretch.segment.close();
    }
  }
}

/** The next file that has something after a position, open; null when there is none. */
async function next(chain: Chain, after: Position | null, before: Position): Promise<Stretch | null> {
  const { spans, standing } = await rangeOf(chain, after, before, 'bytes');
  for (const { file, start, end } of spans) {
    const segment = await chain.openReadable(file);
    if (segment === null) continue;
    const stretch = { segment, start, end: end ?? (await segment.size()), standing };
    if (start < stretch.end) return stretch;
    await segment.close();
  }
  return null;
}

/** Ends early when the file was emptied meanwhile: what was left of it is looked for elsewhere. */
async function* blocksOf({ segment, start, end, standing }: Stretch) {
  let marker = await segment.before(start);
  for (let offset = start; offset < end; ) {
    const bytes = await segment.read(Buffer.allocUnsafe(Math.min(longBlockBytes, end - offset)), offset);
    if (bytes.length === 0 || !segment.beginsAsEver() || !(await standing.holds())) return;
    offset += bytes.length;
    marker = Buffer.concat([marker, bytes.subarray(-markerBytes)]).subarray(-markerBytes);
    yield { bytes, reached: segment.positionAfter(marker, offset) };
  }
}
