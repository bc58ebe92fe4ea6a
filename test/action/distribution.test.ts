import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addDistribution,
  bucketOf,
  changedDistribution,
  emptyDistribution,
  middleOf,
  quantileOf,
} from '../../src/action/distribution.ts';

const durations = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 315_360_000_000_000 })),
  {
    maxLength: 300,
  },
);

const distributionOf = (us: number[]): Uint8Array => changedDistribution(new Uint8Array(), us.map(bucketOf), 1);

const decoded = (bytes: Uint8Array): Float64Array => {
  const counts = emptyDistribution();
  addDistribution(counts, bytes);
  return counts;
};

test('a duration is within 2 % of what stands for its bucket', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 315_360_000_000_000 }), (us) => {
      expect(Math.abs(middleOf(bucketOf(us)) / us - 1)).toBeLessThanOrEqual(0.02);
    }),
    { numRuns: 2000 },
  );
  expect(middleOf(bucketOf(0))).toBe(0);
});

test('a longer duration is never in an earlier bucket', () => {
  for (let us = 1; us < 1e15; us = Math.ceil(us * 1.003)) {
    expect(bucketOf(us)).toBeGreaterThanOrEqual(bucketOf(us - 1));
    expect(bucketOf(us)).toBeLessThanOrEqual(bucketOf(us - 1) + 18);
  }
});

test('percentiles are within 2 % of the true ones', () => {
  fc.assert(
    fc.property(
      durations.filter(({ length }) => length > 0),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (us, share) => {
        const sorted = us.toSorted((a, b) => a - b);
        const truth = sorted[Math.max(Math.ceil(share * us.length) - 1, 0)] ?? 0;
        const found = quantileOf(decoded(distributionOf(us)), share) ?? Number.NaN;
        expect(Math.abs(found - truth)).toBeLessThanOrEqual(truth * 0.02);
      },
    ),
  );
  expect(quantileOf(emptyDistribution(), 0.5)).toBeNull();
});

test('distributions of parts add up to that of the whole, and what is taken away leaves the rest', () => {
  fc.assert(
    fc.property(durations, durations, (one, other) => {
      const whole = distributionOf([...one, ...other]);
      expect(changedDistribution(distributionOf(one), other.map(bucketOf), 1)).toEqual(whole);
      const sum = decoded(distributionOf(one));
      addDistribution(sum, distributionOf(other));
      expect(sum).toEqual(decoded(whole));
      expect(changedDistribution(whole, other.map(bucketOf), -1)).toEqual(distributionOf(one));
    }),
  );
});

test('counts of any size are kept', () => {
  let bytes: Uint8Array = new Uint8Array();
  for (let round = 0; round < 20; round++) bytes = changedDistribution(bytes, Array(1000).fill(7), 1);
  expect(decoded(bytes)[7]).toBe(20_000);
});
