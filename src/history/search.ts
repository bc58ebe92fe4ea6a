import { endOf, type RawRecord } from '../entry.ts';
import { recordsOf } from './joint.ts';
import { between } from './moment.ts';
import type { Passage, Place } from './passage.ts';
import { type Scan, type Sieve, scan } from './scan.ts';
import type { Unit } from './unit.ts';

/** How much is read to fill one page: then it ends although it is not full. */
export interface PageBudget {
  /** Bytes that a search looks through. */
  searchBytesPerPage: number;
  /** Time (ms) that it takes. */
  searchMsPerPage: number;
  /** Bytes of what is found, or read where every record is wanted: a page is in memory as a whole. A search ends about there. */
  scanBytesPerPage: number;
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
  budget: PageBudget,
): Promise<Read> {
  const release = whole.files.keepLast();
  try {
    return await searchIn(whole, take, sieve, budget);
  } finally {
    await release();
  }
}

async function searchIn(
  whole: Passage,
  take: { first: number } | { last: number },
  sieve: Sieve,
  budget: PageBudget,
): Promise<Read> {
  const { low, high } = await between(whole, sieve.filter.bounds, sieve);
  const passage = await whole.part(low, high);
  const isForward = 'first' in take;
  const count = isForward ? take.first : take.last;
  const deadline = performance.now() + budget.searchMsPerPage;
  const portions: Records[] = [];
  let reached = isForward ? low : high;
  let [found, foundBytes, bytes] = [0, 0, 0];
  let isOver = count === 0;
  if (!isOver) {
    for await (const { unit, result, ...done } of scan(searching(passage, take, sieve, budget))) {
      const records = isForward ? result.records.slice(0, count - found) : result.records.slice(found - count);
      portions.push(records);
      found += records.length;
      foundBytes += records.reduce((sum, { record }) => sum + record.position.length, 0);
      bytes += done.bytes;
      const isFull = found >= count || result.isCut;
      reached = isFull ? besideLast(unit, records, isForward) : farSide(unit, isForward);
      const isSpent = foundBytes >= budget.scanBytesPerPage || bytes >= budget.searchBytesPerPage;
      isOver = isFull || isSpent || performance.now() >= deadline;
      if (isOver) break;
    }
  }
  if (!isOver) reached = isForward ? high : low;
  const records = (isForward ? portions : portions.reverse()).flat();
  const more = await (isForward ? passage.hasMoreAfter(reached) : passage.hasMoreBefore(reached));
  return { records, begin: isForward ? low : reached, end: isForward ? reached : high, more };
}

type Records = Read['records'];

/** Bytes of records that a thread hands over at once: nothing else is done meanwhile, and of these it takes some ms. */
const mostAtOnce = 4 * 1024 * 1024;

/** How a page is searched for. */
function searching(
  passage: Passage,
  take: { first: number } | { last: number },
  sieve: Sieve,
  { scanBytesPerPage }: PageBudget,
): Scan<{ records: Records; isCut: boolean }> {
  const { condition } = sieve.filter;
  const mostBytes = Math.min(scanBytesPerPage, mostAtOnce);
  return {
    passage,
    sieve,
    from: 'first' in take ? 'beginning' : 'end',
    timed: condition.needsTime,
    piece: async (task) => {
      const { writtenBefore } = task.piece.parse;
      const { records, isCut } = await sieve.pool.run({ ...task, kind: 'search', take, mostBytes });
      return { records: records.map((record) => ({ record, writtenBefore })), isCut };
    },
    joint: async (unit) => ({ records: await recordsOf(unit, passage, sieve), isCut: false }),
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
