import { endOf, type RawRecord } from '../entry.ts';
import { recordsOf } from './joint.ts';
import { between } from './moment.ts';
import type { Passage, Place } from './passage.ts';
import { type Scan, type Sieve, scan } from './scan.ts';
import type { Unit } from './unit.ts';

/** How much one page may look through. */
export interface SearchBudget {
  /** Bytes. */
  searchBytesPerPage: number;
  /** Time (ms). */
  searchMsPerPage: number;
}

/** Records, the places between which all were looked at, and whether there is more beyond. */
export interface Read {
  records: { record: RawRecord; writtenBefore: number }[];
  begin: Place;
  end: Place;
  more: boolean;
}

/** The oldest or newest records of a passage that fulfil a filter, as far as the budget goes. */
export async function search(
  whole: Passage,
  take: { first: number } | { last: number },
  sieve: Sieve,
  budget: SearchBudget,
): Promise<Read> {
  const { low, high } = await between(whole, sieve.filter.bounds, whole.readings(sieve));
  const passage = await whole.part(low, high);
  const isForward = 'first' in take;
  const count = isForward ? take.first : take.last;
  const deadline = performance.now() + budget.searchMsPerPage;
  const portions: Records[] = [];
  let reached = isForward ? low : high;
  let [found, bytes] = [0, 0];
  let isOver = count === 0;
  if (!isOver) {
    for await (const done of scan(searching(passage, take, sieve))) {
      const records = isForward ? done.result.slice(0, count - found) : done.result.slice(found - count);
      portions.push(records);
      found += records.length;
      bytes += done.bytes;
      reached = found < count ? farSide(done.unit, isForward) : besideLast(done.unit, records, isForward);
      isOver = found >= count || bytes >= budget.searchBytesPerPage || performance.now() >= deadline;
      if (isOver) break;
    }
  }
  if (!isOver) reached = isForward ? high : low;
  const records = (isForward ? portions : portions.reverse()).flat();
  const more = await (isForward ? passage.hasMoreAfter(reached) : passage.hasMoreBefore(reached));
  return { records, begin: isForward ? low : reached, end: isForward ? reached : high, more };
}

type Records = Read['records'];

/** How a page is searched for. */
function searching(passage: Passage, take: { first: number } | { last: number }, sieve: Sieve): Scan<Records> {
  const { condition } = sieve.filter;
  return {
    passage,
    sieve,
    from: 'first' in take ? 'beginning' : 'end',
    timed: condition.needsTime,
    piece: async (task) => {
      const { writtenBefore } = task.piece.parse;
      const records = await sieve.pool.run({ ...task, kind: 'search', take });
      return records.map((record) => ({ record, writtenBefore }));
    },
    joint: (unit) => recordsOf(unit, passage, sieve),
  };
}

const farSide = (unit: Unit, isForward: boolean): Place => {
  if (unit.kind === 'joint') return isForward ? unit.to : unit.from;
  return { span: unit.span, offset: isForward ? unit.end : unit.start };
};

/** The place beside the last record that was taken: what is left of the unit comes with another page. */
function besideLast(unit: Unit, records: Records, isForward: boolean): Place {
  const position = records.at(isForward ? -1 : 0)?.record.position;
  if (unit.kind === 'joint' || position === undefined) return farSide(unit, isForward);
  return { span: unit.span, offset: isForward ? endOf(position) : position.offset };
}
