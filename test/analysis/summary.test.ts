import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SummarisedReport, summaryOf } from '../../src/analysis/summary.ts';
import { levels } from '../../src/entry.ts';

const from = Date.UTC(2026, 10, 21, 10);

const report: SummarisedReport = {
  ...{ format: 'NGINX_ACCESS', entryCount: 20_000, from, to: from + 7_200_000, anomalies: [], http: null },
  levels: [
    { level: 'INFO', count: 19_700 },
    { level: 'WARN', count: 200 },
    { level: 'ERROR', count: 90 },
    { level: 'FATAL', count: 10 },
  ],
  patterns: [
    { template: 'GET <*>', count: 15_000, level: 'INFO' },
    { template: 'upstream <*> timed out', count: 80, level: 'ERROR' },
  ],
};

test('says what the log is, how much of it is errors, and what fails most', () => {
  expect(summaryOf(report)).toBe(
    '20,000 entries of NGINX ACCESS in 2 h, from 2026-11-21 10:00 UTC to 2026-11-21 12:00 UTC. 100 errors (0.5 %), ' +
      '200 warnings (1 %). Most common is "GET <*>" (75 %); what fails most is "upstream <*> timed out", 80 times.',
  );
});

test('says of requests how many failed, where, and how slow the slowest were', () => {
  const http = {
    ...{ requests: 10_000, bytesSent: 1, duration: { p50Ms: 3, p95Ms: 40, p99Ms: 1234 } },
    statusClasses: [
      { class: 2, count: 9880 },
      { class: 5, count: 120 },
    ],
    topPaths: [
      { path: '/', count: 9000, failed: 20 },
      { path: '/pay', count: 500, failed: 100 },
    ],
  };
  expect(summaryOf({ ...report, http })).toContain(
    'Of 10,000 requests 120 (1.2 %) ended with 5xx; most failed for "/pay" (100 of 500); 1 % took longer than 1.2 s.',
  );
  const quiet = { ...http, statusClasses: [], topPaths: [], duration: { p50Ms: null, p95Ms: null, p99Ms: null } };
  expect(summaryOf({ ...report, http: quiet })).toContain('Of 10,000 requests none ended with 5xx.');
});

test('repeats the two strongest anomalies', () => {
  const anomaly = { kind: 'BURST', from, to: from + 1, pattern: null, observed: 9, expected: 1, ratio: 9 } as const;
  const anomalies = ['One.', 'Two.', 'Three.'].map((explanation) => ({
    ...anomaly,
    significance: 'HIGH' as const,
    explanation,
  }));
  expect(summaryOf({ ...report, anomalies })).toMatch(/ One\. Two\.$/);
});

test('of a log without entries, times, levels or patterns it claims nothing', () => {
  const bare = { ...report, from: null, to: null, levels: [], patterns: [], format: 'UNKNOWN' };
  expect(summaryOf({ ...bare, entryCount: 0 })).toBe('The log has no entries.');
  expect(summaryOf({ ...bare, entryCount: 1 })).toBe('1 entry of plain text, without times.');
  expect(summaryOf({ ...bare, levels: [{ level: 'UNKNOWN', count: 1 }], entryCount: 1 })).not.toContain('error');
});

test('whatever the log says is quoted in one short line', () => {
  const count = fc.nat(10_000);
  const level = fc.constantFrom(...levels);
  const patterns = fc.array(fc.record({ template: fc.string({ unit: 'binary', maxLength: 500 }), count, level }));
  fc.assert(
    fc.property(patterns, count, (drawn, entryCount) => {
      const text = summaryOf({ ...report, patterns: drawn, entryCount });
      expect(text).toMatch(/^[^\p{Cc}]+\.$/u);
      expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
      expect(text.length).toBeLessThan(1000);
    }),
  );
});
