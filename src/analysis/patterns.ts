import type { Level } from '../entry.ts';
import { addTally, emptyTally, levelOf, type Tally } from './tally.ts';

/** Entries that say the same but for values, counted together. */
export interface Pattern extends Tally {
  template: string;
  level: Level;
}

/** What is counted of entries of one template comes together. The commonest first. */
export function patternsOf(templates: ReadonlyMap<Tally, string>): Pattern[] {
  const sums = new Map<string, Tally>();
  for (const [tally, template] of templates) {
    const sum = sums.get(template) ?? emptyTally();
    addTally(sum, tally);
    sums.set(template, sum);
  }
  const patterns = [...sums].map(([template, tally]) => ({ ...tally, template, level: levelOf(tally) }));
  return patterns.sort((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1));
}
