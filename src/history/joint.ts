import type { Parsed } from '../entry.ts';
import { understood } from '../format/registry.ts';
import type { Passage, WrittenRecord } from './passage.ts';
import type { Sieve } from './scan.ts';
import { timeAfter } from './time-before.ts';
import type { JointUnit } from './unit.ts';

/** A record that fulfils a filter, and when it happened: ms since 1970, UTC; null when nobody knows. */
export type FoundRecord = WrittenRecord & { parsed: Parsed; time: number | null };

/** The record that begins in one file and ends in another, when it fulfils the filter. */
export async function recordsOf({ from, to }: JointUnit, passage: Passage, sieve: Sieve): Promise<FoundRecord[]> {
  const readingOf = passage.readings(sieve);
  const last = await passage.timeBefore(from, readingOf);
  const found: FoundRecord[] = [];
  for await (const { records } of passage.records(from, to)) {
    for (const written of records) {
      const { raw } = written.record;
      const parsed = understood(raw, readingOf(to.span));
      const time = parsed.timestamp ?? timeAfter(last, from.offset);
      if (sieve.filter.condition.matches({ raw, parsed }, time)) found.push({ ...written, parsed, time });
    }
  }
  return found;
}
