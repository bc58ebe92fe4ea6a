import type { Segment } from './segment.ts';

const blockBytes = 64 * 1024;

/** Byte offset after the last newline before byte `end`; 0 when there is none. Reads backwards, in blocks. */
export async function lineStart(segment: Segment, end: number): Promise<number> {
  return (await linesBack(segment, end, { count: 0, floor: 0, budget: Number.POSITIVE_INFINITY })).start;
}

/**
 * Goes back from byte `end` over `count` lines, not beyond byte `floor`, and not further than to the line at which
 * `budget` bytes are passed; tells where they begin and how many there are. A last line without its newline counts as
 * one. With `count` 0 it goes back to the last newline.
 */
export async function linesBack(
  segment: Segment,
  end: number,
  { count, floor, budget }: { count: number; floor: number; budget: number },
): Promise<{ start: number; lines: number }> {
  const block = Buffer.alloc(Math.min(blockBytes, Math.max(end - floor, 0)));
  // The newline that ends the last line does not begin another one.
  let at = count === 0 ? end : end - 1;
  let lines = count === 0 || end <= floor ? 0 : 1;
  while (at > floor) {
    const start = Math.max(at - block.length, floor);
    const bytes = await segment.read(block.subarray(0, at - start), start);
    for (let i = bytes.lastIndexOf(10); i !== -1; i = i === 0 ? -1 : bytes.lastIndexOf(10, i - 1)) {
      const begin = start + i + 1;
      if (lines === count || end - begin >= budget) return { start: begin, lines };
      lines++;
    }
    at = start;
  }
  return { start: floor, lines };
}
