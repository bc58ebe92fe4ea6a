import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Parsed } from '../entry.ts';
import { type Detected, detect } from '../format/detect.ts';
import { formatOf, type Reading, understood } from '../format/registry.ts';

/** Lines that tell the format. */
const sampleLines = 100;

/** Lines of a record that are understood together; of longer ones the beginning is enough. */
const maxRecordLines = 50;

/** A record of a file, and of how many of its lines it is. */
export interface FileRecord {
  parsed: Parsed;
  lines: number;
}

/** A log that is one file, plain or of gzip (`.gz`), read from its beginning as often as it is asked for. */
export class LogFile {
  readonly #file: string;
  readonly #reading: Reading;
  readonly detected: Detected;

  private constructor(file: string, detected: Detected) {
    this.#file = file;
    this.detected = detected;
    const format = formatOf(detected.format, detected.layout);
    this.#reading = { format, parse: { timezone: 'UTC', writtenBefore: Date.now() } };
  }

  /** @throws as reading does, when there is no such file or it is damaged */
  static async open(file: string): Promise<LogFile> {
    const sample: string[] = [];
    for await (const line of linesOf(file)) if (sample.push(line) === sampleLines) break;
    return new LogFile(file, detect(sample));
  }

  /** Its records, oldest first. */
  async *records(): AsyncGenerator<FileRecord, void, undefined> {
    const { format } = this.#reading;
    let record: string[] = [];
    let lines = 0;
    let previous: string | undefined;
    for await (const line of linesOf(this.#file)) {
      const begins = format.begins?.(line, previous) ?? true;
      previous = line;
      if (begins && lines > 0) {
        yield { parsed: understood(record.join('\n'), this.#reading), lines };
        record = [];
        lines = 0;
      }
      if (record.length < maxRecordLines) record.push(line);
      lines++;
    }
    if (lines > 0) yield { parsed: understood(record.join('\n'), this.#reading), lines };
  }
}

async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  const bytes = createReadStream(file);
  const text: Readable = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  let failure: unknown = null;
  const fail = (error: unknown): void => {
    failure ??= error;
    text.destroy();
  };
  bytes.on('error', fail);
  text.on('error', fail);
  yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  if (failure !== null) throw failure;
}
