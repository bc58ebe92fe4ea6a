import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../bench/analysis/random.ts';
import { measureSeries } from '../../bench/analysis/series.ts';
import { type AnalysedPattern, type AnalysedSeries, anomaliesOf } from '../../src/analysis/anomaly.ts';
import type { Level } from '../../src/entry.ts';

const [minute, from, buckets] = [60_000, Date.UTC(2026, 10, 21), 288];
const scale = { from, bucketMs: 5 * minute, buckets };
const timeAt = (bucket: number) => from + bucket * scale.bucketMs;

/** A pattern that comes so many times in each bucket. */
function pattern(template: string, level: Level, countAt: (bucket: number) => number): AnalysedPattern {
  const all = Array.from({ length: buckets }, (_, bucket) => [bucket, countAt(bucket)] as const);
  const timeline = all.filter(([, count]) => count > 0);
  const first = timeline[0]?.[0];
  const count = timeline.reduce((sum, [, own]) => sum + own, 0);
  return { template, level, count, timeline, firstSeen: first === undefined ? null : timeAt(first) };
}

/** A log that consists of these patterns. */
function logOf(patterns: AnalysedPattern[]): AnalysedSeries {
  const [total, errors] = [new Float64Array(buckets), new Float64Array(buckets)];
  for (const { level, timeline } of patterns) {
    for (const [bucket, count] of timeline) {
      total[bucket] = (total[bucket] ?? 0) + count;
      if (level === 'ERROR' || level === 'FATAL') errors[bucket] = (errors[bucket] ?? 0) + count;
    }
  }
  return { scale, total, errors, patterns };
}

const traffic = (seed: number, mean = 100) => {
  const draw = random(seed);
  return pattern('GET <*>', 'INFO', () => draw.poisson(mean));
};

const within = (bucket: number, begin: number, end: number) => bucket >= begin && bucket < end;

describe('bursts and drops', () => {
  test('a quiet log has nothing unusual, nor has an empty one', () => {
    expect(anomaliesOf(logOf([traffic(1), pattern('tick', 'INFO', () => 10)]))).toEqual([]);
    expect(anomaliesOf({ scale: { ...scale, buckets: 0 }, total: [], errors: [], patterns: [] })).toEqual([]);
  });

  test('a burst is told once, for the pattern that makes it, with its figures', () => {
    const burst = pattern('Slow query <*>', 'WARN', (bucket) => (within(bucket, 169, 172) ? 500 : 10));
    expect(anomaliesOf(logOf([traffic(1), burst]))).toEqual([
      {
        ...{ kind: 'BURST', pattern: 1, from: timeAt(169), to: timeAt(172), observed: 1500, expected: 30, ratio: 50 },
        significance: 'HIGH',
        explanation: '"Slow query <*>" was logged 1,500 times in 15 min, usually about 30 (50x), from 14:05 UTC.',
      },
    ]);
  });

  test('a burst that a few patterns do not explain is one of all entries', () => {
    const spread = Array.from({ length: 200 }, (_, index) =>
      pattern(`p${index}`, 'INFO', (bucket) => (within(bucket, 100, 103) ? 4 : (bucket + index) % 2)),
    );
    const found = anomaliesOf(logOf(spread));
    const event = { kind: 'BURST', from: timeAt(100), to: timeAt(103) };
    expect(found).toMatchObject([{ ...event, pattern: null, observed: 2400 }, event, event, event]);
  });

  test('what usually comes and does not is a drop, but for the end of the log, which may be anywhere', () => {
    const stops = pattern('heartbeat', 'INFO', (bucket) => (within(bucket, 200, 212) ? 0 : 40));
    const ends = pattern('beat', 'INFO', (bucket) => (bucket === buckets - 1 ? 0 : 40));
    const found = anomaliesOf(logOf([traffic(1, 1000), stops, ends]));
    expect(found).toMatchObject([
      { kind: 'DROP', pattern: 1, from: timeAt(200), to: timeAt(212), observed: 0, ratio: 0 },
    ]);
    expect(found[0]?.explanation).toBe('"heartbeat" was not logged for 1 h, usually about 480, from 16:40 UTC.');
  });

  test('the way back to what was usual before is no anomaly of its own', () => {
    const long = pattern('busy', 'INFO', (bucket) => (within(bucket, 100, 150) ? 500 : 50));
    expect(anomaliesOf(logOf([long])).map(({ kind }) => kind)).toEqual(['BURST']);
    const outage = pattern('busy', 'INFO', (bucket) => (within(bucket, 100, 150) ? 0 : 50));
    expect(anomaliesOf(logOf([outage, traffic(1, 1000)])).map(({ kind }) => kind)).toEqual(['DROP']);
  });

  test('a job that comes every hour is usual, also when it does not do quite the same', () => {
    const draw = random(1);
    const job = pattern('rows imported', 'INFO', (bucket) => (bucket % 12 === 0 ? draw.poisson(30) : 0));
    const found = anomaliesOf(logOf([traffic(1), job]));
    // Of the first two nobody knows yet.
    expect(found.filter((one) => one.from > timeAt(24))).toEqual([]);
  });

  test('of a restart, which makes many patterns burst, three are told and the others counted', () => {
    const parts = Array.from({ length: 40 }, (_, index) =>
      pattern(`starting part ${index}`, 'INFO', (bucket) => (bucket === 5 || bucket === 220 ? 20 : 0)),
    );
    const found = anomaliesOf(logOf([traffic(1), ...parts]));
    expect(found.map(({ kind, from: begin }) => [kind, begin])).toEqual(Array(4).fill(['BURST', timeAt(220)]));
    expect(found[1]?.explanation).toMatch(/, and so were 37 more patterns\.$/);
  });

  test('most bursts are found in simulated series, with few false alarms', () => {
    const measured = measureSeries(40, 7);
    for (const { falsePerThousand } of measured) expect(falsePerThousand).toBeLessThan(8);
    const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    expect(mean(measured.map(({ falsePerThousand }) => falsePerThousand))).toBeLessThan(2);
    for (const rate of [2, 20, 200]) {
      const own = measured.filter((one) => one.rate === rate).map(({ foundX5 }) => foundX5);
      expect(mean(own)).toBeGreaterThan(0.8);
    }
  });
});

describe('new patterns', () => {
  const news = (patterns: AnalysedPattern[]) =>
    anomaliesOf(logOf([traffic(1), ...patterns])).filter(({ kind }) => kind === 'NEW_PATTERN');

  test('an error that was never logged before is new; what is said once or twice is not', () => {
    const full = pattern('disk full on <*>', 'FATAL', (bucket) => (within(bucket, 250, 253) ? 3 : 0));
    const remark = pattern('hello', 'INFO', (bucket) => (bucket === 200 ? 2 : 0));
    expect(news([full, remark])).toEqual([
      {
        ...{ kind: 'NEW_PATTERN', pattern: 1, from: timeAt(250), to: timeAt(253), observed: 9, expected: 0, ratio: 18 },
        significance: 'HIGH',
        explanation: 'New fatal "disk full on <*>": first logged at 20:50 UTC, 9 times in 15 min.',
      },
    ]);
  });

  test('what repeats is new, unless it is rare enough not to have been seen before by chance', () => {
    const repeats = pattern('feature used', 'INFO', (bucket) => (bucket > 150 ? 2 : 0));
    const rare = pattern('rare', 'INFO', (bucket) => (bucket > 60 && bucket % 45 === 0 ? 1 : 0));
    expect(news([repeats, rare])).toMatchObject([{ pattern: 1, significance: 'MEDIUM' }]);
  });

  test('nothing is new in the first fifth of the time', () => {
    expect(news([pattern('started', 'ERROR', (bucket) => (bucket > 40 ? 2 : 0))])).toEqual([]);
  });

  test('where everything is new all the time, only a few errors are told', () => {
    const always = Array.from({ length: 3000 }, (_, index) =>
      pattern(`p${index}`, index % 10 === 0 ? 'ERROR' : 'INFO', (bucket) =>
        bucket === Math.floor((index * buckets) / 3000) ? 20 : 0,
      ),
    );
    const found = anomaliesOf(logOf(always));
    expect(found.length).toBeLessThanOrEqual(20);
    expect(found.every((one) => one.pattern === null || one.pattern % 10 === 0)).toBe(true);
  });
});

describe('the share of errors', () => {
  test('is told when it rises, with what most of them are', () => {
    const fails = pattern('upstream gone', 'ERROR', (bucket) => (within(bucket, 169, 172) ? 50 : 1));
    const works = pattern('GET <*>', 'INFO', (bucket) => (within(bucket, 169, 172) ? 50 : 99));
    const found = anomaliesOf(logOf([works, fails]));
    expect(found.find(({ kind }) => kind === 'ERROR_RATE')).toEqual({
      ...{ kind: 'ERROR_RATE', pattern: null, from: timeAt(169), to: timeAt(172), observed: 0.5, expected: 0.01 },
      ...{ ratio: 50, significance: 'HIGH' },
      explanation:
        '50 % of 300 entries were errors in 15 min, usually 1 % (50x), from 14:05 UTC, most of them "upstream gone".',
    });
  });

  test('is told when it falls, and not when it is back where it was', () => {
    const errorsAt = (bucket: number) => (within(bucket, 150, 210) ? 1 : 40);
    const fails = pattern('retry', 'ERROR', errorsAt);
    const works = pattern('GET <*>', 'INFO', (bucket) => 100 - errorsAt(bucket));
    const found = anomaliesOf(logOf([works, fails])).filter(({ kind }) => kind === 'ERROR_RATE');
    // What lasts for 36 buckets is usual then.
    expect(found).toMatchObject([{ from: timeAt(150), to: timeAt(186), observed: 0.01, expected: 0.4 }]);
  });

  test('varies by chance', () => {
    const draw = random(3);
    const fails = pattern('retry', 'ERROR', () => draw.poisson(4));
    expect(anomaliesOf(logOf([traffic(2), fails])).filter(({ kind }) => kind === 'ERROR_RATE')).toEqual([]);
  });

  test('stays the same when there is more of everything', () => {
    const busy = (bucket: number) => (within(bucket, 169, 172) ? 10 : 1);
    const fails = pattern('upstream gone', 'ERROR', (bucket) => 5 * busy(bucket));
    const works = pattern('GET <*>', 'INFO', (bucket) => 95 * busy(bucket));
    expect(anomaliesOf(logOf([works, fails])).filter(({ kind }) => kind === 'ERROR_RATE')).toEqual([]);
  });
});

test('whatever the counts: figures are finite, times in the log, the most significant first, at most a hundred', () => {
  const counts = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, fc.nat(1000)), { maxLength: 60 });
  const level = fc.constantFrom<Level>('INFO', 'ERROR', 'FATAL', 'UNKNOWN');
  fc.assert(
    fc.property(fc.array(fc.tuple(counts, level, fc.string({ unit: 'binary' })), { maxLength: 30 }), (drawn) => {
      const log = logOf(
        drawn.map(([own, severity, text]) => pattern(text, severity, (bucket) => own[bucket % 60] ?? 0)),
      );
      const found = anomaliesOf(log);
      expect(found.length).toBeLessThanOrEqual(100);
      for (const one of found) {
        expect([one.observed, one.expected, one.ratio].every((figure) => Number.isFinite(figure) && figure >= 0)).toBe(
          true,
        );
        expect(one.from).toBeGreaterThanOrEqual(from);
        expect(one.to).toBeGreaterThan(one.from);
        expect(one.to).toBeLessThanOrEqual(timeAt(buckets));
        expect(one.explanation).toMatch(/^[^\p{Cc}]+\.$/u);
      }
      const order = found.map(({ significance }) => ['HIGH', 'MEDIUM', 'LOW'].indexOf(significance));
      expect(order).toEqual([...order].sort());
    }),
  );
});
