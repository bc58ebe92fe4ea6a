import { blockBytes, longBlockBytes } from './block.ts';
import { utf8 } from './encoding.ts';
import type { Segment } from './segment.ts';
import { stretchBytes } from './stretch.ts';

/** What is needed of an open file to find its lines. */
type Bytes = Pick<Segment, 'encoding' | 'read'>;

/**
 * Byte offset of the last place at or before byte `end` where a line ends, or was cut; 0 when there is none. Reads
 * backwards, in blocks, no more than two stretches: so a file without newlines is entered at its end at once.
 */
export async function lineStart(segment: Bytes, end: number): Promise<number> {
  // Until its first bytes are there, nobody knows what a newline is in this file.
  if (segment.encoding === null) return 0;
  return passBack(segment, end + 1, end, { count: 1, floor: 0, budget: Number.POSITIVE_INFINITY });
}

/**
 * Goes back from byte `end` over `count` lines, not beyond byte `floor`, and not further than to the line at which
 * `budget` bytes are passed; returns where they begin. A last line without its newline counts as one, and so does each
 * part of a line that was cut, whether it makes a record or not. One part has at most two stretches.
 */
export const linesBack = (
  segment: Bytes,
  end: number,
  limits: { count: number; floor: number; budget: number },
): Promise<number> => passBack(segment, end, end, limits);

/** @param end where the part ends that is passed first; bytes are read from byte `from` on */
async function passBack(
  segment: Bytes,
  end: number,
  from: number,
  { count, floor, budget }: { count: number; floor: number; budget: number },
): Promise<number> {
  const { unit, lastLineEnd } = segment.encoding ?? utf8;
  let block = Buffer.alloc(Math.min(blockBytes, Math.max(from - floor, 0)));
  let begin = end;
  let passed = 0;
  const isFarEnough = (place: number): boolean => {
    begin = place;
    return ++passed === count || from - place >= budget;
  };
  for (let at = from; at > floor; ) {
    // At an even offset, so that no code unit is split.
    const start = at - block.length > floor ? at - block.length + (at % 2) : floor;
    const bytes = await segment.read(block.subarray(0, at - start), start);
    const last = lastLineEnd(bytes, bytes.length);
    if (last === -1 && block.length < longBlockBytes) block = Buffer.allocUnsafe(longBlockBytes);
    for (let i = last; ; i = lastLineEnd(bytes, i - unit)) {
      // From here to `begin` there is no newline.
      const clear = start + Math.max(i, 0);
      for (let cut = cutBefore(begin); cut >= clear + stretchBytes; cut -= stretchBytes) {
        if (isFarEnough(cut)) return cut;
      }
      if (i === -1) break;
      if (clear < begin && isFarEnough(clear)) return clear;
    }
    at = start;
  }
  return floor;
}

const cutBefore = (end: number): number => (Math.ceil(end / stretchBytes) - 1) * stretchBytes;
