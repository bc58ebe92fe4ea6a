import type { Command } from 'commander';
import { FileAnalysis } from '../src/analysis/file-analysis.ts';
import { LogFile } from '../src/analysis/log-file.ts';
import type { Report } from '../src/analysis/report.ts';
import { writeTemplates } from '../src/analysis/template-file.ts';
import { counted, percent, quoted } from '../src/analysis/wording.ts';
import { OperatorError } from '../src/errors.ts';

/** Patterns and anomalies that are printed: a screen of each. */
const [shownPatterns, shownAnomalies] = [25, 15];

/** `tailql analyze FILE`: needs the file, and neither a server nor a database. */
export function analyzeCommand(tailql: Command, write: (text: string) => void): void {
  tailql
    .command('analyze')
    .description('say what a log consists of, and what in it is unusual')
    .argument('<file>', 'the log, also a compressed one (.gz)')
    .option('--templates <file>', 'write the template of each line there, as CSV: LineId,EventTemplate')
    .action(async (file: string, { templates }: { templates?: string }) => {
      const report = await reportOf(file, templates ?? null);
      write(printed(report));
    });
}

/** @throws {OperatorError} when a file cannot be read or written */
async function reportOf(file: string, templates: string | null): Promise<Report> {
  try {
    const analysis = new FileAnalysis(await LogFile.open(file));
    return await (templates === null ? analysis.report() : writeTemplates(analysis, { log: file, output: templates }));
  } catch (error) {
    if (error instanceof OperatorError || !(error instanceof Error && 'code' in error)) throw error;
    throw new OperatorError(`Cannot analyze ${file}: ${error.message}`);
  }
}

function printed(report: Report): string {
  const { entryCount, patterns, anomalies, http } = report;
  const lines = [report.summary, ''];
  for (const { template, count, level } of patterns.slice(0, shownPatterns)) {
    const share = percent(count / entryCount).padStart(7);
    lines.push(`${counted(count).padStart(11)} ${share}  ${level.padEnd(7)} ${quoted(template)}`);
  }
  const more = patterns.length - shownPatterns;
  if (more > 0) lines.push(`${counted(more).padStart(11)} more patterns`);
  if (anomalies.length > 0) lines.push('');
  for (const { significance, explanation } of anomalies.slice(0, shownAnomalies)) {
    lines.push(`${significance.padEnd(6)}  ${explanation}`);
  }
  if (http !== null) lines.push('');
  for (const { path, count, failed } of http?.topPaths.slice(0, 10) ?? []) {
    lines.push(`${counted(count).padStart(11)} ${counted(failed).padStart(9)} failed  ${quoted(path)}`);
  }
  return `${lines.join('\n')}\n`;
}
