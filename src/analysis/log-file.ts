import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Parsed, SegmentIdentity } from '../entry.ts';
import { LineSplitter } from '../file/line.ts';
import { type Detected, detect } from '../format/detect.ts';
import { formatOf, type Reading, understood } from '../format/registry.ts';

/** Lines that tell the format. */
const sampleLines = 100;

/** Lines of a record that are understood together; of longer ones the beginning is enough. */
const maxRecordLines = 50;

/** Bytes of a line that are kept: a line is in memory as a whole. */
const maxLineBytes = 1024 * 1024;

/** Bytes read at once. */
const readBytes = 256 * 1024;

/** No position is asked for. */
const anywhere: SegmentIdentity = { inode: 0, bornAt: 0, prefixLength: 0, prefixHash: 0 };

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
    for await (const lines of linesOf(file)) {
      sample.push(...lines.slice(0, sampleLines - sample.length));
      if (sample.length === sampleLines) break;
    }
    return new LogFile(file, detect(sample));
  }

  /** Its records in portions, oldest first. */
  async *records(): AsyncGenerator<FileRecord[], void, undefined> {
    const { format } = this.#reading;
    let record: string[] = [];
    let count = 0;
    let previous: string | undefined;
    const taken = (): FileRecord => ({ parsed: understood(record.join('\n'), this.#reading), lines: count });
    for await (const lines of linesOf(this.#file)) {
      const records: FileRecord[] = [];
      for (const line of lines) {
        const begins = format.begins?.(line, previous) ?? true;
        previous = line;
        if (begins && count > 0) {
          records.push(taken());
          record = [];
          count = 0;
        }
        if (record.length < maxRecordLines) record.push(line);
        count++;
      }
      yield records;
    }
    if (count > 0) yield [taken()];
  }
}

/** Cut and decoded as those of any other log. */
async function* linesOf(file: string): AsyncGenerator<string[], void, undefined> {
  const bytes = createReadStream(file, { highWaterMark: readBytes });
  const text: Readable = file.endsWith('.gz') ? bytes.pipe(createGunzip({ chunkSize: readBytes })) : bytes;
  bytes.on('error', (error) => text.destroy(error));
  const before = Buffer.alloc(0);
  const splitter = new LineSplitter({
    ...{ offset: 0, before, encoding: null, maxBytes: maxLineBytes },
    segment: () => anywhere,
  });
  try {
    for await (const piece of text) yield splitter.push(piece).map(({ raw }) => raw);
    yield splitter.flush().map(({ raw }) => raw);
  } finally {
    bytes.destroy();
  }
}
