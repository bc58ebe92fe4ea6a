import { Findings, packed, together } from '../analysis/findings.ts';
import { reportOf } from '../analysis/report.ts';
import { Matching } from './matching.ts';
import type { ConcludeTask, Examined, ExamineTask, FoldTask } from './piece.ts';

/** Counts what the records of a piece that fulfil a filter consist of. */
export async function examine(task: ExamineTask): Promise<Examined> {
  const findings = new Findings(task.scale);
  for await (const records of new Matching(task, true).records()) {
    for (const { parsed, time, record } of records) findings.see({ parsed, time, position: record.position });
  }
  const { counted } = findings;
  return { part: packed(counted), entries: counted.entries };
}

/** Puts parts of a log together, so that there are not too many of them. */
export const fold = async ({ parts, scale }: FoldTask): Promise<Uint8Array> => packed(together(parts, scale));

/** The report of a log of which all parts are there, as JSON. */
export const conclude = async ({ parts, scale, ...log }: ConcludeTask): Promise<string> =>
  JSON.stringify(reportOf(together(parts, scale), { scale, ...log }));
