import { anomaliesOf } from '../../src/analysis/anomaly.ts';
import type { Report, Row } from '../bench.ts';
import { rounded } from '../sample.ts';
import { type Random, random } from './random.ts';

/** Five minutes each, for a day. */
const buckets = 288;
const bucketMs = 300_000;
const burstLength = 3;

/** Entries per bucket. */
const rates = [0.2, 2, 20, 200];

/**
 * How counts come about. `overdispersed` has rates that vary by a gamma distribution of shape 5, as those of real logs
 * do; `season` has four times as much at noon as at midnight.
 */
const noises = [
  { noise: 'Poisson', isOverdispersed: false, hasSeason: false },
  { noise: 'Poisson, daily season', isOverdispersed: false, hasSeason: true },
  { noise: 'overdispersed', isOverdispersed: true, hasSeason: false },
  { noise: 'overdispersed, daily season', isOverdispersed: true, hasSeason: true },
];

interface Shape {
  rate: number;
  isOverdispersed: boolean;
  hasSeason: boolean;
  /** How many times the usual comes in three buckets; 1 for no burst. */
  times: number;
}

/** One series, and where its burst begins. */
function seriesOf({ rate, isOverdispersed, hasSeason, times }: Shape, draw: Random): { counts: number[]; at: number } {
  const at = 60 + Math.floor(draw.uniform() * (buckets - 80));
  const phase = draw.uniform() * buckets;
  const counts = Array.from({ length: buckets }, (_, index) => {
    const season = hasSeason ? 1 + 0.6 * Math.sin((2 * Math.PI * (index + phase)) / buckets) : 1;
    const burst = index >= at && index < at + burstLength ? times : 1;
    return draw.poisson(rate * season * burst * (isOverdispersed ? draw.gamma(5) / 5 : 1));
  });
  return { counts, at };
}

const unusualIn = (counts: number[]) => {
  const errors = new Float64Array(buckets);
  return anomaliesOf({ scale: { from: 0, bucketMs, buckets }, total: counts, errors, patterns: [] });
};

const hasBurst = ({ counts, at }: { counts: number[]; at: number }): boolean =>
  unusualIn(counts).some(
    ({ kind, from, to }) => kind === 'BURST' && from < (at + burstLength) * bucketMs && to > at * bucketMs,
  );

/** What was measured for one noise and rate. */
export interface Measured {
  noise: string;
  rate: number;
  /** Buckets of quiet series in a burst or drop. */
  falsePerThousand: number;
  /** Share of bursts of three and five times the usual that are found, 0 to 1. */
  foundX3: number;
  foundX5: number;
}

/** Simulates so many series of each kind; the same for the same seed. */
export function measureSeries(count: number, seed = 1): Measured[] {
  const draw = random(seed);
  const many = (shape: Shape) => Array.from({ length: count }, () => seriesOf(shape, draw));
  const found = (shape: Shape) => many(shape).filter(hasBurst).length / count;
  return noises.flatMap(({ noise, ...kind }) =>
    rates.map((rate) => {
      const quiet = many({ ...kind, rate, times: 1 }).flatMap(({ counts }) => unusualIn(counts));
      const wrong = quiet.reduce((sum, { from, to }) => sum + (to - from) / bucketMs, 0);
      return {
        noise,
        rate,
        falsePerThousand: (1000 * wrong) / (count * buckets),
        foundX3: found({ ...kind, rate, times: 3 }),
        foundX5: found({ ...kind, rate, times: 5 }),
      };
    }),
  );
}

/** Five times 0.2 is three entries in three buckets, which quiet series have every day: nothing can tell them apart. */
const leastRate = 2;

export function reportOfSeries(count: number): Report {
  const measured = measureSeries(count);
  const rows = measured.map(
    ({ noise, rate, falsePerThousand, foundX3, foundX5 }): Row => ({
      noise,
      'entries per bucket': rate,
      'false alarms per 1,000 buckets': rounded(falsePerThousand),
      'x3 found': rounded(foundX3),
      'x5 found': rounded(foundX5),
    }),
  );
  const worst = Math.max(...measured.map(({ falsePerThousand }) => falsePerThousand));
  const goals = rates
    .filter((rate) => rate >= leastRate)
    .map((rate) => {
      const own = measured.filter((one) => one.rate === rate);
      const share = own.reduce((sum, { foundX5 }) => sum + foundX5, 0) / own.length;
      const goal = `at least 80 % of x5 bursts found at ${rate} entries per bucket (${rounded(share * 100)} %)`;
      return { goal, result: share >= 0.8 ? ('met' as const) : ('missed' as const) };
    });
  const alarms = `at most 5 false alarms per 1,000 buckets (${rounded(worst)})`;
  return { rows, goals: [{ goal: alarms, result: worst <= 5 ? 'met' : 'missed' }, ...goals], problems: [] };
}
