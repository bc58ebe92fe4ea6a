import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { mine } from '../../src/analysis/miner.ts';
import { shapeOf } from '../../src/analysis/shape.ts';
import { ShapeTable } from '../../src/analysis/shape-table.ts';
import { detect } from '../../src/format/detect.ts';
import { formatOf, type Reading, understood } from '../../src/format/registry.ts';

/** Lines that tell the format. */
const sampleLines = 100;

/** Lines of a record that are understood together; of longer ones the beginning is enough. */
const maxRecordLines = 50;

const linesOf = (file: string) =>
  createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });

async function readingOf(file: string): Promise<Reading> {
  const sample: string[] = [];
  for await (const line of linesOf(file)) if (sample.push(line) === sampleLines) break;
  const { format, layout } = detect(sample);
  return { format: formatOf(format, layout), parse: { timezone: 'UTC', writtenBefore: Date.now() } };
}

/** What each record says, and of how many lines it is. */
async function* messagesOf(file: string, reading: Reading): AsyncGenerator<{ message: string; lines: number }> {
  let record: string[] = [];
  let lines = 0;
  let previous: string | undefined;
  const said = () => ({ message: understood(record.join('\n'), reading).message, lines });
  for await (const line of linesOf(file)) {
    const begins = reading.format.begins?.(line, previous) ?? true;
    previous = line;
    if (begins && lines > 0) {
      yield said();
      record = [];
      lines = 0;
    }
    if (record.length < maxRecordLines) record.push(line);
    lines++;
  }
  if (lines > 0) yield said();
}

/** Writes the template of each line of a log as CSV, `LineId,EventTemplate`; gives how many there are. */
export async function predict(
  file: string,
  output: string,
): Promise<{ format: string; shapes: number; templates: number }> {
  const reading = await readingOf(file);
  const table = new ShapeTable<{ count: number; template: string }>({
    create: () => ({ count: 0, template: '' }),
    merge: (into, from) => {
      into.count += from.count;
    },
  });
  for await (const { message } of messagesOf(file, reading)) table.of(message).count++;
  const entries = [...table.entries()];
  const templates = mine(entries.map(([shape, { count }]) => ({ shape, count })));
  for (const [index, [shape, own]] of entries.entries()) own.template = templates[index] ?? shape;
  async function* rows() {
    yield 'LineId,EventTemplate\n';
    let id = 1;
    for await (const { message, lines } of messagesOf(file, reading)) {
      const template = (table.find(message)?.template ?? shapeOf(message)).replaceAll('"', '""');
      for (let line = 0; line < lines; line++) yield `${id++},"${template}"\n`;
    }
  }
  await pipeline(rows, createWriteStream(output));
  return { format: reading.format.name, shapes: entries.length, templates: new Set(templates).size };
}
