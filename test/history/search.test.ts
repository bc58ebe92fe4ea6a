import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import { rawOf, setUp } from './segments.ts';

describe('a search', () => {
  it('finds what a look at every line finds, in pages from either end', async () => {
    const lines = Array.from(
      { length: 5000 },
      (_, index) => `line ${index} ${index % 7 === 0 ? 'Error' : 'fine'} é${index % 11}`,
    );
    const text = (from: number, to: number) =>
      lines
        .slice(from, to)
        .map((line) => `${line}\n`)
        .join('');
    const { page, source } = await setUp({ '.2': text(0, 1500), '.1': text(1500, 3000), '': text(3000, 5000) });
    const id = (await source()).id;
    const wanted: FilterInput = { contains: 'error', not: { contains: 'é3' } };
    const expected = lines.filter((line) => /error/i.test(line) && !line.includes('é3'));
    const found: string[] = [];
    for (let after: string | undefined; ; ) {
      const one = await page({ after, take: { first: 37 }, filter: wanted });
      found.push(...rawOf(one.entries));
      if (!one.hasNext) break;
      after = encodeCursor([[id, one.end]]);
    }
    expect(found).toEqual(expected);
    const back: string[] = [];
    for (let before: string | undefined; ; ) {
      const one = await page({ before, take: { last: 41 }, filter: wanted });
      back.unshift(...rawOf(one.entries));
      if (!one.hasPrevious) break;
      before = encodeCursor([[id, one.start]]);
    }
    expect(back).toEqual(expected);
  });
});
