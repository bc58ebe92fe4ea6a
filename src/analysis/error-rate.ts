import { skipped, window } from './baseline.ts';
import { chanceOf, gTest } from './significance.ts';

/** A stretch of buckets in which errors are another share of the entries than usual. */
export interface ShareChange {
  /** Index of the first bucket, and of the one after the last. */
  from: number;
  to: number;
  entries: number;
  errors: number;
  /** Share of errors that is usual, 0 to 1. */
  usual: number;
  /** How likely it is by chance. */
  chance: number;
}

/** As for bursts: buckets that tell what is usual, spreads at which one stands out, errors that are worth a word. */
const [enough, aloneAt, fewest] = [12, 5, 5];

/** What was usual in the buckets before one. */
interface Before {
  entries: number;
  errors: number;
  buckets: number;
  /** How much more the share varies than by chance, at least 1: Pearson's statistic by its degrees of freedom. */
  dispersion: number;
}

function beforeOf(total: ArrayLike<number>, errors: ArrayLike<number>, index: number): Before {
  const from = Math.max(0, index - skipped - window);
  const to = index - skipped;
  const sum = { entries: 0, errors: 0, buckets: Math.max(to - from, 0), dispersion: 1 };
  for (let at = from; at < to; at++) {
    sum.entries += total[at] ?? 0;
    sum.errors += errors[at] ?? 0;
  }
  const share = sum.errors / Math.max(sum.entries, 1);
  let distance = 0;
  let told = 0;
  for (let at = from; at < to; at++) {
    const expected = share * (total[at] ?? 0);
    if (expected > 0 && share < 1)
      distance += ((errors[at] ?? 0) - expected) ** 2 / (Math.max(expected, 1) * (1 - share));
    if ((total[at] ?? 0) > 0) told++;
  }
  sum.dispersion = Math.max(distance / Math.max(told - 1, 1), 1);
  return sum;
}

const chanceIn = (change: Omit<ShareChange, 'chance'>, before: Before): number => {
  const share = change.entries / (change.entries + before.entries);
  const wrong = gTest(change.errors, before.errors, share);
  const right = gTest(change.entries - change.errors, before.entries - before.errors, share);
  return chanceOf((wrong + right) / before.dispersion);
};

/**
 * Where errors are at least twice, or at most half, the share of entries that they are in the 36 buckets before (less
 * the two right before, and 12 at least), and five spreads from it. Neighbours are joined; a change back is none.
 */
export function shareChangesIn(total: ArrayLike<number>, errors: ArrayLike<number>): ShareChange[] {
  const found: (ShareChange & { before: Before; rises: boolean })[] = [];
  for (let index = skipped + enough; index < total.length; index++) {
    const entries = total[index] ?? 0;
    const wrong = errors[index] ?? 0;
    if (entries < fewest) continue;
    const last = found.at(-1);
    // While it lasts it is compared with what was before all of it; in the end it is what is usual.
    const isNext = last !== undefined && index <= last.to + 1 && index < last.from + window;
    const before = isNext ? last.before : beforeOf(total, errors, index);
    if (before.entries === 0) continue;
    const usual = before.errors / before.entries;
    const expected = usual * entries;
    const rises = wrong >= Math.max(fewest, 2 * expected);
    const falls = expected >= 2 * fewest && wrong <= expected / 2;
    const spread = Math.sqrt(before.dispersion * Math.max(expected * (1 - usual), 1));
    if (!(rises || falls) || Math.abs(wrong - expected) < aloneAt * spread) continue;
    if (isNext && last.rises === rises) {
      for (let at = last.to; at <= index; at++) {
        last.entries += total[at] ?? 0;
        last.errors += errors[at] ?? 0;
      }
      last.to = index + 1;
      continue;
    }
    const isBack = last !== undefined && last.rises !== rises && index <= last.to + window;
    const share = wrong / entries;
    if (isBack && share < 2 * last.usual && share > last.usual / 2) continue;
    found.push({ from: index, to: index + 1, entries, errors: wrong, usual, chance: 1, before, rises });
  }
  return found.map(({ before, rises: _, ...change }) => ({ ...change, chance: chanceIn(change, before) }));
}
