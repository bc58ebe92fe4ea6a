import { Findings, packed, together } from '../analysis/findings.ts';
import { reportOf } from '../analysis/report.ts';
import { Matching } from './matching.ts';
import type { ConcludeTask, Examined, ExamineTask, FoldTask } from './piece.ts';

/** Counts what the records of a piece that fulfil a filter consist of. */
export async function examine(task: ExamineTask): Promise<Examined> {
  const findings = new Findings(task.scale);
  await new Matching(task, true).each((match) => {
    findings.see(match);
    return undefined;
  });
  return { part: packed(findings), entries: findings.entries };
}

/** Puts parts of a log together, so that there are not too many of them. */
export const fold = async ({ parts, scale }: FoldTask): Promise<Uint8Array<ArrayBuffer>> =>
  packed(together(parts, scale));

/** The report of a log of which all parts are there, as JSON. */
export const conclude = async ({ parts, scale, ...log }: ConcludeTask): Promise<string> =>
  JSON.stringify(reportOf(together(parts, scale), { scale, ...log }));
