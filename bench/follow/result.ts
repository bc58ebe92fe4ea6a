import type { Report } from '../bench.ts';
import { ratio, rounded } from '../sample.ts';
import type { Outcome } from './reader.ts';
import { linesPerRotation, type Rotation, type Stretch } from './stress.ts';

/** The reader that is measured by the others. */
export const ours = 'tailql';

/** How all readers did with the same files. */
export interface Result {
  rotation: Rotation;
  /** Lines that were written, to all files. */
  lines: number;
  /** Time that the writing should take. */
  seconds: number;
  written: Stretch;
  outcomes: { name: string; outcome: Outcome }[];
  /** What the server reads from the files per byte written to them; null when it could not be measured. */
  bytesReadPerByte: number | null;
}

export function addResult(report: Report, result: Result): void {
  const { rotation, lines, outcomes, bytesReadPerByte } = result;
  judgeStress(report, result);
  const own = outcomes.find(({ name }) => name === ours)?.outcome;
  if (own === undefined) return;
  for (const { name, outcome } of outcomes) {
    const row = figures(outcome, lines);
    const special =
      outcome === own
        ? {
            announced: own.announced,
            falseAlarms: own.falseAlarms,
            bytesReadPerByteUnderStrace: bytesReadPerByte ?? 'not measured',
          }
        : ratios(row, figures(own, lines));
    report.rows.push({ rotation, reader: name, lines, ...row, ...special });
  }
  judge(report, rotation, own);
  if (bytesReadPerByte === null) return;
  report.goals.push({
    goal: `${rotation}: at most 1.05 bytes read for each byte appended (${bytesReadPerByte})`,
    result: bytesReadPerByte <= 1.05 ? 'met' : 'missed',
  });
}

function figures(outcome: Outcome, lines: number) {
  const { missing, repeated, outOfOrder, garbled, p50Ms, p99Ms, maxMs, readerCpuSeconds, receiverCpuSeconds } = outcome;
  const ms = (value: number | null) => rounded(value ?? Number.NaN);
  const perMillion = (seconds: number) => rounded((seconds / lines) * 1e6);
  return {
    ...{ missing, repeated, outOfOrder, garbled },
    ...{ p50Ms: ms(p50Ms), p99Ms: ms(p99Ms), maxMs: ms(maxMs) },
    cpuSecondsPerMillion: perMillion(readerCpuSeconds),
    cpuWithReceiver: perMillion(readerCpuSeconds + receiverCpuSeconds),
  };
}

type Figures = ReturnType<typeof figures>;

const ratios = (peer: Figures, own: Figures) => ({
  p50Ratio: ratio(own.p50Ms, peer.p50Ms),
  p99Ratio: ratio(own.p99Ms, peer.p99Ms),
  cpuRatio: ratio(own.cpuSecondsPerMillion, peer.cpuSecondsPerMillion),
});

/** Of a copytruncate nobody gets everything: what is written between copy and truncation is in neither file. */
function judge({ goals, problems }: Report, rotation: Rotation, own: Outcome): void {
  const { missing, announced, repeated, outOfOrder, garbled, resumed } = own;
  const unsaid = missing - (rotation === 'copytruncate' ? announced : 0);
  const what = rotation === 'copytruncate' ? `every one of ${missing} lost lines announced` : '0 lines missing';
  const isGood = unsaid + repeated + outOfOrder + garbled === 0;
  goals.push({ goal: `${rotation}: ${what}, 0 repeated, in order`, result: isGood ? 'met' : 'missed' });
  if (unsaid > 0) problems.push(`${rotation}, ${ours}: ${unsaid} lines NEVER CAME, and nothing was said of them.`);
  if (repeated > 0) problems.push(`${rotation}, ${ours}: ${repeated} lines came TWICE.`);
  if (outOfOrder > 0) problems.push(`${rotation}, ${ours}: ${outOfOrder} lines came OUT OF ORDER.`);
  if (garbled > 0) problems.push(`${rotation}, ${ours}: ${garbled} lines came that were NEVER WRITTEN.`);
  if (resumed > 0) problems.push(`${rotation}, ${ours}: the socket dropped ${resumed} times.`);
}

/** A stress that was none says nothing of those who survived it. */
function judgeStress({ problems }: Report, { rotation, lines, seconds, written }: Result): void {
  const late = written.seconds / seconds;
  if (late > 1.05) problems.push(`${rotation}: the writer took ${rounded(late)} times as long as it should.`);
  const wanted = lines / linesPerRotation;
  if (written.rotations < 0.9 * wanted) {
    problems.push(`${rotation}: rotated ${written.rotations} times instead of ${wanted}.`);
  }
}
