import type { Needle } from './condition.ts';

/** The length of the shortest: what is rare is long. */
const shortest = (needles: readonly Needle[]): number => Math.min(...needles.map(({ text }) => text.length));

/** Of what all hold of the same record: the needles that pass over most. */
export function sharpest(choices: Iterable<readonly Needle[] | null>): readonly Needle[] | null {
  let best: readonly Needle[] | null = null;
  for (const needles of choices) {
    if (needles !== null && (best === null || shortest(needles) > shortest(best))) best = needles;
  }
  return best;
}

/** More are not looked for in one go: a scan for each of them would cost more than looking at the records. */
const mostNeedles = 64;

/** Of what one holds of a record, or another: all needles together; null when one of them has none. */
export function together(choices: Iterable<readonly Needle[] | null>): readonly Needle[] | null {
  const all: Needle[] = [];
  for (const needles of choices) {
    if (needles === null) return null;
    all.push(...needles);
  }
  return all.length > mostNeedles ? null : all;
}

/** Longer ones find hardly less, and take long where a text almost matches everywhere. */
const longestNeedle = 200;

/**
 * The longest part of a text that its bytes can tell: within one line, and without U+FFFD, which stands for bytes that
 * were something else.
 */
export function needleIn(text: string, folded: boolean): Needle | null {
  let longest = '';
  for (const part of text.split(/[\n\r\uFFFD]/)) if (part.length > longest.length) longest = part;
  // Not half of a surrogate pair.
  const clipped = longest.slice(0, longestNeedle).replace(/[\uD800-\uDBFF]$/, '');
  return clipped === '' ? null : { text: clipped, folded };
}
