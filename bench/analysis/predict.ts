import { FileAnalysis } from '../../src/analysis/file-analysis.ts';
import { LogFile } from '../../src/analysis/log-file.ts';
import { writeTemplates } from '../../src/analysis/template-file.ts';

/** Writes the template of each line of a log as CSV, `LineId,EventTemplate`; gives how many there are. */
export async function predict(log: string, output: string): Promise<{ format: string; templates: number }> {
  const analysis = new FileAnalysis(await LogFile.open(log));
  const { format, patterns } = await writeTemplates(analysis, { log, output });
  return { format, templates: patterns.length };
}
