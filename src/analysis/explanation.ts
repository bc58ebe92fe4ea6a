import type { Scale } from '../history/histogram.ts';
import type { AnalysedPattern, Finding } from './anomaly.ts';
import { counted, countOf, figure, lasting, moment, percent, quoted } from './wording.ts';

const dayMs = 86_400_000;

/** "usually about 10 (12x)"; no multiple of nothing. */
const comparison = ({ expected, ratio }: Finding): string =>
  expected < 0.5 ? 'usually not at all' : `usually about ${figure(expected)} (${figure(ratio)}x)`;

/** One sentence that says what happened, how much, what is usual, and when. */
export function explanationOf(found: Finding, scale: Scale, patterns: readonly AnalysedPattern[]): string {
  const { kind, from, to, observed, expected, companions } = found;
  // A clock is enough where no other day is meant.
  const isOneDay =
    Math.floor(scale.from / dayMs) === Math.floor((scale.from + scale.buckets * scale.bucketMs - 1) / dayMs);
  const at = (ms: number) => moment(ms, isOneDay ? 'without date' : 'with date');
  const templateOf = (index: number | null) => quoted(index === null ? '' : (patterns[index]?.template ?? ''));
  const length = lasting(to - from);
  const more =
    companions > 0 ? `, and so ${companions === 1 ? 'was' : 'were'} ${countOf(companions, 'more pattern')}` : '';
  if (kind === 'NEW_PATTERN') {
    const level = found.pattern === null ? 'UNKNOWN' : (patterns[found.pattern]?.level ?? 'UNKNOWN');
    const what = level === 'ERROR' || level === 'FATAL' ? `New ${level.toLowerCase()}` : 'New pattern';
    const others = companions > 0 ? `; ${countOf(companions, 'more pattern')} began with it` : '';
    return `${what} ${templateOf(found.pattern)}: first logged at ${at(from)}, ${countOf(observed, 'time')} in ${length}${others}.`;
  }
  if (kind === 'ERROR_RATE') {
    const usual = expected > 0 ? `usually ${percent(expected)} (${figure(found.ratio)}x)` : 'usually none';
    const most = found.culprit === null ? '' : `, most of them ${templateOf(found.culprit)}`;
    return `${percent(observed)} of ${countOf(found.entries, 'entry', 'entries')} were errors in ${length}, ${usual}, from ${at(from)}${most}.`;
  }
  const usual = `${comparison(found)}, from ${at(from)}${more}.`;
  if (found.pattern === null) {
    return `${observed === 0 ? 'No entry' : countOf(observed, 'entry', 'entries')} came in ${length}, ${usual}`;
  }
  return observed === 0
    ? `${templateOf(found.pattern)} was not logged for ${length}, ${usual.replace(/ \(0x\)/, '')}`
    : `${templateOf(found.pattern)} was logged ${counted(observed)} ${observed === 1 ? 'time' : 'times'} in ${length}, ${usual}`;
}
