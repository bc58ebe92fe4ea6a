import type { Chain } from '../file/chain.ts';
import { Passage } from './passage.ts';
import { readRange } from './span.ts';

/** Bytes gone back over at most, however few lines stand in them. */
const mostBytes = 4 * 1024 * 1024;

/**
 * The newest lines of a log, at most so many, oldest first: to tell how it is written. A compressed file is unpacked only
 * where there is no line in any other.
 */
export const newestLines = (chain: Chain, count: number, maxRecordBytes: number): Promise<string[]> =>
  readRange(chain, { after: null, before: null }, async ({ spans }) => {
    const plain = spans.filter(({ file }) => file.packing === null);
    const some = { spans: plain.length > 0 ? plain : spans, preceding: [] };
    const passage = new Passage(chain, some, { begins: null, maxRecordBytes }, 'log');
    const lines: string[][] = [];
    let found = 0;
    let left = mostBytes;
    for (let place = await passage.end(); found < count && left > 0; ) {
      const from = await passage.back(place, { count: count - found, bytes: left, budget: left });
      if (from.span === place.span && from.offset === place.offset) break;
      const part: string[] = [];
      for await (const { records } of passage.records(from, place))
        part.push(...records.map(({ record }) => record.raw));
      lines.unshift(part);
      found += part.length;
      left -= await passage.distance(from, place);
      place = from;
    }
    return lines.flat();
  });
