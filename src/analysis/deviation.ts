import { Baseline, type Usual, window } from './baseline.ts';
import { chanceOf, gTest } from './significance.ts';

/** A stretch of buckets with more or fewer entries than usual. */
export interface Deviation {
  kind: 'BURST' | 'DROP';
  /** Index of the first bucket, and of the one after the last. */
  from: number;
  to: number;
  /** Entries in the stretch, and how many are usual in one as long. */
  observed: number;
  expected: number;
  /** How likely it is by chance. */
  chance: number;
}

/** What a series was found to have, and how many of its buckets were looked at to find it. */
export interface Scan {
  deviations: Deviation[];
  looks: number;
}

/** Spreads above the usual at which a bucket stands out, and at which three together do. */
const [aloneAt, togetherAt] = [5, 4.5];
/** Fewer entries are no burst. */
const fewest = 5;
/** Where fewer are usual, none is nothing to tell of. */
const fewestUsual = 10;

/**
 * By how much more a bucket must differ where counts vary more than chance (a Poisson process) has it: they are skewed
 * then, and large ones less rare than their spread says. Found by the simulation of bench/analysis/series.ts.
 */
const caution = ({ high, spread }: Usual): number => 1 + 0.4 * (1 - Math.min(Math.max(high, 1) / spread ** 2, 1));

/** Buckets that stand out, one after the other, while they are joined. */
interface Stretch {
  from: number;
  to: number;
  usual: Usual;
}

/** Joined where at most one bucket is between them. */
function join(stretches: Stretch[], from: number, to: number, usual: Usual): void {
  const last = stretches.at(-1);
  if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
  else stretches.push({ from, to, usual });
}

function deviationOf(counts: ArrayLike<number>, kind: Deviation['kind'], { from, to, usual }: Stretch): Deviation {
  const length = to - from;
  let observed = 0;
  for (let index = from; index < to; index++) observed += counts[index] ?? 0;
  const rate = kind === 'BURST' ? usual.high : usual.low;
  // Counts of real logs differ more than chance would have it; McCullagh and Nelder, Generalized Linear Models, 6.2.3.
  const dispersion = Math.max(usual.spread ** 2 / Math.max(rate, 1), 1);
  const statistic = gTest(observed, rate * usual.buckets, length / (length + usual.buckets)) / dispersion;
  return { kind, from, to, observed, expected: rate * length, chance: chanceOf(statistic) };
}

/** Whether it is only the way back to what was usual before the one before it. */
const isReturn = (deviation: Deviation, previous: Deviation | undefined): boolean => {
  if (previous === undefined || previous.kind === deviation.kind || deviation.from > previous.to + window) return false;
  const ratio =
    deviation.observed / (deviation.to - deviation.from) / (previous.expected / (previous.to - previous.from));
  return ratio > 0.5 && ratio < 2;
};

/**
 * Where a series has more or fewer entries than usual, which the median of the 36 buckets before tells (less the two
 * right before). The first 14 buckets are not judged: nothing is usual yet. Nor is whether the last one has too few, for
 * a log may end anywhere in it.
 *
 * A bucket stands out that has twice the usual and five spreads more, and so do three together; what came as high twice
 * before is left out, for it may be a job that comes every hour. Fewer stand out where at least ten are usual, and a third of
 * that or less comes.
 */
export function deviationsIn(counts: ArrayLike<number>): Scan {
  const bursts: Stretch[] = [];
  const drops: Stretch[] = [];
  const baseline = new Baseline(counts);
  let looks = 0;
  for (let index = 0; index < counts.length; index++, baseline.advance()) {
    if (!baseline.isKnown) continue;
    const count = counts[index] ?? 0;
    const [before, first] = [counts[index - 1] ?? 0, counts[index - 2] ?? 0];
    const three = count + before + first;
    const { median } = baseline;
    const mayBeLow = median >= fewestUsual && count <= median / 3 && index < counts.length - 1;
    const mayBeHigh = (count >= fewest && count >= 2 * median) || three >= Math.max(2 * fewest, 6 * median);
    if (count >= fewest || median >= fewestUsual) looks++;
    if (!mayBeLow && !mayBeHigh) continue;
    const usual = baseline.usual();
    const { high, low, spread } = usual;
    // In a series that is silent mostly, a job that comes every hour never has quite the same number of entries.
    const goesOn = (stretches: Stretch[]) => index <= (stretches.at(-1)?.to ?? -2) + 1;
    const unheard = goesOn(bursts) ? 0 : usual.second * (median === 0 ? 2 : 1);
    const needed = caution(usual) * spread;
    const least = goesOn(drops) ? median : low;
    if (mayBeLow && least >= fewestUsual && count <= least / 3) join(drops, index, index + 1, usual);
    if (count >= Math.max(fewest, 2 * high) && count - high > aloneAt * needed && count > unheard) {
      join(bursts, index, index + 1, usual);
    }
    const stand = three >= Math.max(2 * fewest, 6 * high) && three - 3 * high > togetherAt * needed * Math.sqrt(3);
    if (stand && Math.max(count, before, first) > unheard) {
      // Those at the ends may be as usual.
      const from = first > 1.5 * high ? index - 2 : before > 1.5 * high ? index - 1 : index;
      join(bursts, from, count > 1.5 * high ? index + 1 : before > 1.5 * high ? index : index - 1, usual);
    }
  }
  const found = [
    ...bursts.map((stretch) => deviationOf(counts, 'BURST', stretch)),
    ...drops.map((stretch) => deviationOf(counts, 'DROP', stretch)),
  ].sort((a, b) => a.from - b.from);
  return { deviations: found.filter((deviation, index) => !isReturn(deviation, found[index - 1])), looks };
}
