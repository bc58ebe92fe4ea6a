import type { Principal } from '../access/principal.ts';
import type { FilterInput } from '../filter/input.ts';
import type { Entry } from '../format/entry.ts';
import type { Logs } from '../logs.ts';
import type { Source } from '../source/source.ts';
import type { Anomaly } from './anomaly.ts';
import type { AnalysisReport } from './runs.ts';

/** Entries that are looked at for one of a template: most that have its longest words are. */
const candidates = 50;

/** The texts between the parameters of a template, in their order. */
const constantsOf = (template: string): string[] =>
  template
    .split('<*>')
    .map((text) => text.trim())
    .filter((text) => text !== '');

/** Whether a text has all of these, one after the other. */
function hasInOrder(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}

/** The first entry of what is unusual: in its time, and of its pattern. Null when none is there any more. */
export async function exampleIn(
  logs: Logs,
  principal: Principal,
  source: Source,
  { report, anomaly }: { report: AnalysisReport; anomaly: Anomaly },
): Promise<Entry | null> {
  const { from, to, kind } = anomaly;
  const pattern = anomaly.pattern === null ? undefined : report.patterns[anomaly.pattern];
  const constants = constantsOf(pattern?.template ?? '');
  const longest = constants.reduce((most, text) => (text.length > most.length ? text : most), '');
  const own: FilterInput | null = report.analysis.filter === null ? null : JSON.parse(report.analysis.filter);
  const filter: FilterInput = {
    ...{ from, to },
    ...(longest !== '' && { contains: longest, caseSensitive: true }),
    ...(kind === 'ERROR_RATE' && { minLevel: 'ERROR' }),
    ...(own && { and: [own] }),
  };
  const { entries } = await logs.page(principal, source, { take: { first: candidates }, filter });
  const found = entries.find(({ parsed }) => hasInOrder(parsed.message, constants));
  if (found !== undefined) return found;
  const [known] = pattern?.examples ?? [];
  return known === undefined ? null : logs.entry(principal, known);
}
