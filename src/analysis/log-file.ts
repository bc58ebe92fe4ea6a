import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Parsed, RawRecord, SegmentIdentity } from '../entry.ts';
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
  /** Its first line. */
  record: RawRecord;
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
      sample.push(...lines.slice(0, sampleLines - sample.length).map(({ raw }) => raw));
      if (sample.length === sampleLines) break;
    }
    return new LogFile(file, detect(sample));
  }

  /** Its records in portions, oldest first. */
  async *records(): AsyncGenerator<FileRecord[], void, undefined> {
    const { format } = this.#reading;
    let first: RawRecord | null = null;
    let texts: string[] = [];
    let count = 0;
    let previous: string | undefined;
    const taken = (record: RawRecord): FileRecord => {
      return { record, parsed: understood(texts.join('\n'), this.#reading), lines: count };
    };
    for await (const lines of linesOf(this.#file)) {
      const records: FileRecord[] = [];
      for (const line of lines) {
        const { raw } = line;
        if (first === null || (format.begins?.(raw, previous) ?? true)) {
          if (first !== null) records.push(taken(first));
          first = line;
          texts = [];
          count = 0;
        }
        previous = raw;
        if (texts.length < maxRecordLines) texts.push(raw);
        count++;
      }
      yield records;
    }
    if (first !== null) yield [taken(first)];
  }
}

/** Cut and decoded as those of any other log. */
async function* linesOf(file: string): AsyncGenerator<RawRecord[], void, undefined> {
  const bytes = createReadStream(file, { highWaterMark: readBytes });
  const text: Readable = file.endsWith('.gz') ? bytes.pipe(createGunzip({ chunkSize: readBytes })) : bytes;
  bytes.on('error', (error) => text.destroy(error));
  const before = Buffer.alloc(0);
  const splitter = new LineSplitter({
    ...{ offset: 0, before, encoding: null, maxBytes: maxLineBytes },
    segment: () => anywhere,
  });
  try {
    for await (const piece of text) yield splitter.push(piece);
    yield splitter.flush();
  } finally {
    bytes.destroy();
  }
}
