export type Significance = 'LOW' | 'MEDIUM' | 'HIGH';

/** Complementary error function; relative error below 1.2e-7. Numerical Recipes, 3rd edition, section 6.2.2. */
function erfc(x: number): number {
  const t = 2 / (2 + x);
  const coefficients = [
    ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
    ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
  ];
  const sum = coefficients.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  return t * Math.exp(-x * x + sum);
}

/** How likely a statistic of one degree of freedom is at least this large by chance (chi squared distribution). */
export const chanceOf = (statistic: number): number => erfc(Math.sqrt(Math.max(statistic, 0) / 2));

const term = (observed: number, expected: number): number =>
  observed > 0 && expected > 0 ? observed * Math.log(observed / expected) : 0;

/**
 * G-test of two counts: whether `observed` in a stretch and `before` in the baseline come at one rate, when the
 * stretch has `share` (0 to 1) of both. Sokal and Rohlf, Biometry, chapter 17.
 */
export function gTest(observed: number, before: number, share: number): number {
  const all = observed + before;
  return 2 * (term(observed, all * share) + term(before, all * (1 - share)));
}

/**
 * The largest of `chances` that may be believed when so many were looked at, if one in a hundred of those believed may
 * be wrong; -1 for none. Benjamini and Hochberg, 1995.
 */
export function believable(chances: readonly number[], looks: number): number {
  const sorted = [...chances].sort((a, b) => a - b);
  const most = Math.max(looks, sorted.length);
  return sorted.findLast((chance, index) => chance <= (0.01 * (index + 1)) / most) ?? -1;
}

/**
 * From how likely it is by chance, and how many times the usual it is (the larger by the smaller). The limits of
 * chance are those of Elastic's log rate analysis; the second keeps small changes of large counts, which are never
 * chance, from being called important.
 */
export function significanceOf(chance: number, times: number): Significance {
  if (chance < 1e-6 && times >= 3) return 'HIGH';
  return chance < 1e-3 ? 'MEDIUM' : 'LOW';
}
