import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { rawOf, readEntries, readPages, textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name} ${index}${index % 100 === 0 ? ' needle' : ''}`);
const [old, damaged, current] = [numbered('old', 300), numbered('damaged', 5000), numbered('current', 300)];
const isNeedle = (line: string) => line.endsWith('needle');
const packed = gzipSync(textOf(damaged));
const bomb = gzipSync(Buffer.concat([Buffer.from(textOf(damaged)), Buffer.alloc(8 << 20)]));
const filter = { contains: 'needle' };

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: {
      'cut.log.2.gz': gzipSync(textOf(old)),
      'cut.log.1.gz': packed.subarray(0, packed.length / 2),
      'cut.log': textOf(current),
      'bomb.log.2.gz': gzipSync(textOf(old)),
      'bomb.log.1.gz': bomb,
      'bomb.log': textOf(current),
    },
    limits: { maxUnpackedBytes: 500_000 },
  });
});

/** Why segments cannot be read as a whole, by their names. */
async function problems(name: string): Promise<Record<string, string | null>> {
  const { source } = await server.data<{ source: { segments: { name: string; problem: string | null }[] } }>(
    'query ($name: String!) { source(by: { name: $name }) { segments { name problem } } }',
    { name },
  );
  return Object.fromEntries(source.segments.map(({ name, problem }) => [name, problem]));
}

const search = async (name: string, from: 'beginning' | 'end') =>
  (await readPages((page) => readEntries(server, name, { ...page, filter }), 7, from)).flatMap(rawOf);

describe('a search over a compressed segment', () => {
  test('that is damaged finds what stands before the damage, and the segment says why there is no more', async () => {
    const found = await search('cut.log', 'beginning');
    expect(await search('cut.log', 'end')).toEqual(found);
    const ofDamaged = found.filter((line) => line.startsWith('damaged'));
    expect(ofDamaged).toEqual(damaged.filter(isNeedle).slice(0, ofDamaged.length));
    expect(ofDamaged.length).toBeGreaterThan(0);
    expect(found.filter((line) => !line.startsWith('damaged'))).toEqual([...old, ...current].filter(isNeedle));
    expect(await problems('cut.log')).toEqual({
      'cut.log.2.gz': null,
      'cut.log.1.gz': expect.stringMatching(/ends too early/),
      'cut.log': null,
    });
  });

  test('that expands beyond the limit stops there', async () => {
    const expected = [...old, ...damaged, ...current].filter(isNeedle);
    expect(await search('bomb.log', 'beginning')).toEqual(expected);
    expect(await search('bomb.log', 'end')).toEqual(expected);
    expect(await problems('bomb.log')).toMatchObject({
      'bomb.log.1.gz': expect.stringContaining('limits.maxUnpackedBytes'),
    });
  });

  test('is counted the same', async () => {
    const { source } = await server.data<{ source: { valueCounts: { values: { count: string }[] } } }>(
      'query ($filter: LogFilter) { source(by: { name: "bomb.log" }) { valueCounts(path: "level", filter: $filter) { values { count } } } }',
      { filter },
    );
    const count = [...old, ...damaged, ...current].filter(isNeedle).length;
    expect(source.valueCounts.values).toEqual([{ count: String(count) }]);
  });
});
