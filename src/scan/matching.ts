import { compileFilter, type Filter } from '../filter/compile.ts';
import { formatOf } from '../format/registry.ts';
import { Candidates } from './candidates.ts';
import { Clock } from './clock.ts';
import type { Task } from './piece.ts';
import { ScannedRecord } from './scanned-record.ts';

/**
 * The records of a piece that fulfil a filter, in portions.
 *
 * @param timed whether it must be known when they happened, also where the filter does not ask
 */
export async function* matching(
  { piece, filter, limits }: Pick<Task, 'piece' | 'filter' | 'limits'>,
  { timed }: { timed: boolean },
): AsyncGenerator<ScannedRecord[], void, undefined> {
  const { condition }: Filter = compileFilter(filter, limits, []);
  const { detected, parse } = piece;
  const reading = { format: formatOf(detected.format, detected.layout), parse };
  const candidates = new Candidates(piece, reading.format.begins ?? null, condition.needles);
  const clock = timed || condition.needsTime ? new Clock(piece, reading, candidates.areAll ? 'all' : 'some') : null;
  for await (const { records } of candidates.portions()) {
    const scanned = records.map((record) => new ScannedRecord(record, reading));
    await clock?.setTimes(scanned);
    yield scanned.filter((one) => condition.matches(one, one.time));
  }
}
