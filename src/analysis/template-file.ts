import { open, stat } from 'node:fs/promises';
import { OperatorError } from '../errors.ts';
import type { FileAnalysis, TemplatedRecord } from './file-analysis.ts';
import type { Report } from './report.ts';

/**
 * Reports of a log, and writes the template of each of its lines as CSV (RFC 4180): `LineId,EventTemplate`, from 1 on.
 *
 * @throws {OperatorError} when both are one file: it is read after the other was begun
 */
export async function writeTemplates(
  analysis: FileAnalysis,
  { log, output }: { log: string; output: string },
): Promise<Report> {
  const [source, target] = await Promise.all([stat(log), stat(output).catch(() => null)]);
  if (source.ino === target?.ino && source.dev === target.dev) {
    throw new OperatorError(`${output} is the log itself; write the templates to another file.`, 2);
  }
  const csv = await open(output, 'w');
  try {
    let id = 1;
    await csv.appendFile('LineId,EventTemplate\n');
    return await analysis.report(async (records) => {
      const rows = records.flatMap((record) => rowsOf(record).map((row) => `${id++},${row}\n`));
      await csv.appendFile(rows.join(''));
    });
  } finally {
    await csv.close();
  }
}

const rowsOf = ({ template, lines }: TemplatedRecord): string[] =>
  Array.from({ length: lines }, () => `"${template.replaceAll('"', '""')}"`);
