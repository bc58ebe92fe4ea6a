import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addValues, commonest, noValues, oneValue } from '../../src/scan/values.ts';

const texts = fc.array(fc.integer({ min: 0, max: 30 }).map(String));

test('the commonest values come first, and of equally common ones those that came first', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 40 }), (all, most) => {
      const sum = noValues();
      for (const text of all) addValues(sum, oneValue(text));
      const sorted = [...sum.counts].sort(([, a], [, b]) => b - a);
      expect(commonest(sum, most)).toEqual(sorted.slice(0, most));
      expect(sorted.reduce((count, [, one]) => count + one, 0)).toBe(all.length);
    }),
  );
});

test('values of which there are too many characters are left out, and that is told', () => {
  const sum = noValues();
  const long = 'x'.repeat(1024 * 1024);
  for (let index = 0; index < 20; index++) addValues(sum, oneValue(`${index}${long}`));
  addValues(sum, oneValue(`3${long}`));
  expect(sum.counts.size).toBe(15);
  expect(sum.counts.get(`3${long}`)).toBe(2);
  expect(sum.complete).toBe(false);
});
