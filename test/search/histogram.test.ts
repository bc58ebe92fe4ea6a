import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const line = (time: string, level: string) =>
  `{"timestamp":"2026-11-21T${time}Z","level":"${level}","message":"${level}"}`;
const a = [
  line('10:00:00', 'info'),
  line('10:00:30', 'error'),
  // Counts with the one before it.
  '{"level":"error","message":"untimed"}',
  line('10:02:59.999', 'info'),
];
const disorder = [
  ...[line('10:00:20', 'info'), line('10:00:22', 'error')],
  ...[line('10:00:04', 'debug'), line('10:00:05', 'warn')],
];
const started = [
  ...Array.from({ length: 250 }, () => '{"level":"info","message":"loading"}'),
  ...[line('10:00:00', 'info'), line('10:02:00', 'info')],
];
const b = [line('10:01:00', 'warn'), line('10:04:00', 'info')];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: {
      'a.jsonl': textOf(a),
      'b.jsonl': textOf(b),
      'disorder.jsonl': textOf(disorder),
      'started.jsonl': textOf(started),
      'empty.log': '',
      'untimed.txt': 'no\ntimes\n',
    },
  });
});

const fields = `from to bucketMs complete scannedBytes buckets { from total levels { level count } }`;
const ofOne = `query ($name: String!, $filter: LogFilter, $buckets: Int! = 60) {
  source(by: { name: $name }) { histogram(filter: $filter, buckets: $buckets) { ${fields} } }
}`;
const ofSeveral = `query ($sources: [ID!]!, $filter: LogFilter, $buckets: Int! = 60) {
  logHistogram(sources: $sources, filter: $filter, buckets: $buckets) { ${fields} }
}`;

interface Histogram {
  from: string | null;
  to: string | null;
  bucketMs: string;
  complete: boolean;
  buckets: { from: string; total: string; levels: { level: string; count: string }[] }[];
}

async function histogram(name: string, variables: object = {}): Promise<Histogram> {
  const { source } = await server.data<{ source: { histogram: Histogram } }>(ofOne, { name, ...variables });
  return source.histogram;
}

/** As `time: count of each level`. */
const shown = ({ buckets }: Histogram) =>
  buckets.map(({ from, total, levels }) => {
    expect(levels.reduce((sum, { count }) => sum + Number(count), 0)).toBe(Number(total));
    return `${from.slice(11, 19)} ${levels.map(({ level, count }) => `${level} ${count}`).join(', ')}`.trim();
  });

const time = (clock: string) => `2026-11-21T${clock}.000Z`;

describe('a histogram of a source', () => {
  test('has the levels of each bucket, over the time of its entries', async () => {
    const found = await histogram('a.jsonl', { buckets: 3 });
    expect(found).toMatchObject({ from: time('10:00:00'), to: time('10:03:00'), bucketMs: '60000', complete: true });
    expect(shown(found)).toEqual(['10:00:00 INFO 1, ERROR 2', '10:01:00', '10:02:00 INFO 1']);
  });

  test('counts what a filter lets through', async () => {
    const found = await histogram('a.jsonl', { buckets: 3, filter: { levels: ['ERROR'] } });
    expect(shown(found)).toEqual(['10:00:00 ERROR 2', '10:01:00', '10:02:00']);
    expect(shown(await histogram('a.jsonl', { buckets: 3, filter: { contains: 'untimed' } }))[0]).toBe(
      '10:00:00 ERROR 1',
    );
  });

  test('goes over the time that the filter bounds', async () => {
    const both = { from: time('10:00:30'), to: time('10:05:00') };
    const found = await histogram('a.jsonl', { buckets: 5, filter: both });
    expect(found).toMatchObject({ from: time('10:00:00'), to: time('10:05:00') });
    expect(shown(found)).toEqual(['10:00:00 ERROR 2', '10:01:00', '10:02:00 INFO 1', '10:03:00', '10:04:00']);
    const { from, to } = await histogram('a.jsonl', { buckets: 3, filter: { from: time('10:02:00') } });
    expect([from, to]).toEqual([time('10:02:00'), time('10:03:00')]);
  });

  test('has as many buckets as were asked for, or fewer', async () => {
    for (const buckets of [1, 2, 60, 1000]) {
      const found = await histogram('a.jsonl', { buckets });
      expect(found.buckets.length).toBeLessThanOrEqual(buckets);
      expect(found.buckets.reduce((sum, { total }) => sum + Number(total), 0)).toBe(4);
    }
  });

  test.each(['empty.log', 'untimed.txt'])('has no buckets where no entry says when it happened: %s', async (name) => {
    expect(await histogram(name)).toMatchObject({ from: null, to: null, buckets: [], complete: true });
    const filter = { from: time('10:00:00'), to: time('10:02:00') };
    expect(shown(await histogram(name, { buckets: 2, filter }))).toEqual(['10:00:00', '10:01:00']);
  });

  test('counts entries out of order: the last one may be before the first, or before a time that others are after', async () => {
    const found = await histogram('disorder.jsonl', { buckets: 60 });
    expect(shown(found).filter((bucket) => bucket.includes(' '))).toEqual([
      '10:00:05 DEBUG 1, WARN 1',
      '10:00:20 INFO 1, ERROR 1',
    ]);
    const after = await histogram('disorder.jsonl', { filter: { from: time('10:00:21') } });
    expect(shown(after)).toEqual(['10:00:21 ERROR 1']);
    const before = await histogram('disorder.jsonl', { filter: { to: time('10:00:05') } });
    expect(shown(before)).toEqual(['10:00:04 DEBUG 1']);
    const far = await histogram('disorder.jsonl', { filter: { from: time('10:02:00') } });
    expect(far).toMatchObject({ from: null, to: null, buckets: [], complete: true });
  });

  test('knows when its entries happened also where many lines without a time come first', async () => {
    const found = await histogram('started.jsonl', { buckets: 3 });
    expect(shown(found)).toEqual(['10:00:00 INFO 1', '10:01:00', '10:02:00 INFO 1']);
  });

  test.each([0, -1, 1001])('is refused %i buckets', async (buckets) => {
    const { data, errors } = await server.query(ofOne, { name: 'a.jsonl', buckets });
    expect(data).toEqual({ source: { histogram: null } });
    expect(errors).toMatchObject([
      {
        path: ['source', 'histogram'],
        extensions: { code: 'INVALID_INPUT', problems: [{ path: ['buckets'], code: 'OUT_OF_RANGE' }] },
      },
    ]);
  });

  test('is refused a wrong filter', async () => {
    const filter = { from: time('10:05:00'), to: time('10:00:00'), matches: '[' };
    const { errors } = await server.query(ofOne, { name: 'a.jsonl', filter });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', problems: [{}, {}] } }]);
  });
});

describe('a histogram of several logs', () => {
  test('counts them together', async () => {
    const names = ['a.jsonl', 'b.jsonl', 'empty.log', 'untimed.txt'];
    const sources = await Promise.all(names.map((name) => server.sourceId(name)));
    const { logHistogram } = await server.data<{ logHistogram: Histogram }>(ofSeveral, { sources, buckets: 5 });
    expect(shown(logHistogram)).toEqual([
      '10:00:00 INFO 1, ERROR 2',
      '10:01:00 WARN 1',
      '10:02:00 INFO 1',
      '10:03:00',
      '10:04:00 INFO 1',
    ]);
  });

  test('is refused when there are none, and when one is not there', async () => {
    const refusal = async (sources: string[]) => (await server.query(ofSeveral, { sources })).errors?.[0]?.extensions;
    expect(await refusal([])).toMatchObject({ code: 'INVALID_INPUT', problems: [{ path: ['sources'] }] });
    expect(await refusal(['nothing'])).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a histogram of more than may be looked through has the newest entries, and says so', async () => {
  const lines = Array.from({ length: 60_000 }, (_, index) =>
    line(new Date(index * 1000).toISOString().slice(11, 19), 'info').padEnd(100),
  );
  const ours = await startTestServer({
    files: { 'long.jsonl': textOf(lines) },
    limits: { searchBytesPerSummary: 1 },
  });
  const { source } = await ours.data<{ source: { histogram: Histogram } }>(ofOne, { name: 'long.jsonl', buckets: 20 });
  expect(source.histogram.complete).toBe(false);
  expect(Number(source.histogram.buckets[0]?.total)).toBe(0);
  expect(Number(source.histogram.buckets.at(-2)?.total)).toBe(3600);
});
