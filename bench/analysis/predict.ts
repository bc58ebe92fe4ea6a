import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { FileAnalysis } from '../../src/analysis/file-analysis.ts';
import { LogFile } from '../../src/analysis/log-file.ts';

/** Writes the template of each line of a log as CSV, `LineId,EventTemplate`; gives how many there are. */
export async function predict(file: string, output: string): Promise<{ format: string; templates: number }> {
  const csv = createWriteStream(output);
  csv.write('LineId,EventTemplate\n');
  let id = 1;
  const { format, patterns } = await new FileAnalysis(await LogFile.open(file)).report(async (template, lines) => {
    const cell = template.replaceAll('"', '""');
    for (let line = 0; line < lines; line++) if (!csv.write(`${id++},"${cell}"\n`)) await once(csv, 'drain');
  });
  csv.end();
  await finished(csv);
  return { format, templates: patterns.length };
}
