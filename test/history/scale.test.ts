import { expect, test } from 'vitest';
import { scaleOf } from '../../src/history/histogram.ts';

const [first, last] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

test.each([
  { from: first, to: last },
  { from: -1, to: 1 },
  { from: -1, to: last },
  { from: first, to: -1 },
  { from: last - 1, to: last },
])('the buckets of a histogram are never more than asked for, over any time: $from to $to', ({ from, to }) => {
  for (const most of [1, 2, 3, 60, 1000]) {
    const { from: begin, bucketMs, buckets } = scaleOf({ from, to }, most);
    expect(buckets).toBeLessThanOrEqual(most);
    expect(begin + buckets * bucketMs).toBeGreaterThanOrEqual(to);
    if (most > 1) expect(begin).toBeLessThanOrEqual(from);
  }
});
