import type { JsonValue } from '../entry.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import type { Until } from './appender.ts';
import { isAsKept, recordLine, type StreamFormat } from './record.ts';

/** What came of a text of records. */
export interface IntakeResult {
  written: number;
  /** Lines that could not be used. */
  failed: number;
  /** What is wrong with the first of them, with the number of the line from 1. */
  problems: (InputProblem & { line: number })[];
}

export interface IntakeOptions {
  format: StreamFormat;
  maxRecordBytes: number;
}

/** Lines of which it is told what is wrong. */
const mostProblems = 100;

/** Characters of records that are written together, and how many such are on their way to the disk while the next are read. */
const [batchLength, mostUnderWay] = [1024 * 1024, 6];

const newline = 10;

/**
 * Writes records to a stream as they come, out of JSON lines, one record a line, or one by one. It holds a few batches and
 * one line; who gives it bytes waits while the disk is behind. A line that cannot be used is told, and keeps no other from
 * being written.
 */
export class Intake {
  readonly #append: (lines: Buffer, until: Until) => Promise<unknown>;
  readonly #options: IntakeOptions;
  readonly #result: IntakeResult = { written: 0, failed: 0, problems: [] };
  readonly #underWay = new Set<Promise<void>>();
  #batch: string[] = [];
  #batchLength = 0;
  /** Pieces of the line whose end has not come yet, and how long it is, whatever was kept of it. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #line = 0;
  #failure: { error: unknown } | null = null;

  constructor(append: (lines: Buffer, until: Until) => Promise<unknown>, options: IntakeOptions) {
    this.#append = append;
    this.#options = options;
  }

  /**
   * Takes the next bytes; resolves when it can take more.
   * @throws {LimitReachedError} when the disk takes no more
   */
  async write(bytes: Uint8Array): Promise<void> {
    const end = bytes.lastIndexOf(newline) + 1;
    if (end > 0) {
      this.#hold(bytes.subarray(0, end - 1));
      this.#takeHeld();
    }
    this.#hold(bytes.subarray(end));
    await this.#sendFull();
    this.#throwFailure();
  }

  /** Takes a record that is no text; resolves when it can take more. */
  async take(record: JsonValue): Promise<void> {
    this.#line += 1;
    this.#takeRecord(record);
    await this.#sendFull();
    this.#throwFailure();
  }

  /** There is no more. Resolves when everything is on the disk. */
  async end(): Promise<IntakeResult> {
    this.#takeHeld();
    this.#send();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    await this.#append(Buffer.alloc(0), 'on the disk');
    return this.#result;
  }

  /** No more is taken, for something failed; tells what is on the disk all the same. */
  async abandon(): Promise<IntakeResult> {
    await Promise.all(this.#underWay);
    await this.#append(Buffer.alloc(0), 'on the disk').catch(() => {
      this.#result.written = 0;
    });
    return this.#result;
  }

  #hold(bytes: Uint8Array): void {
    // Of a line that goes on and on it is enough to know that it does, and where it ends.
    const isTooLong = this.#pieceBytes > this.#options.maxRecordBytes;
    const start = isTooLong ? bytes.indexOf(newline) : 0;
    if (start === -1) return;
    if (isTooLong) this.#pieceBytes = 0;
    this.#pieces.push(bytes.subarray(start));
    this.#pieceBytes += bytes.length - start;
  }

  /** Takes the lines that are held, the last of which has ended. Decoded together: that takes a fraction of the time. */
  #takeHeld(): void {
    const [only] = this.#pieces;
    const bytes = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
    this.#pieces = [];
    this.#pieceBytes = 0;
    for (let start = 0; start <= text.length; ) {
      const at = text.indexOf('\n', start);
      const end = at === -1 ? text.length : at;
      this.#takeText(text.slice(start, end).trim(), end - start);
      start = end + 1;
    }
  }

  #takeText(text: string, length: number): void {
    this.#line += 1;
    const { format, maxRecordBytes } = this.#options;
    if (length > maxRecordBytes) {
      const message = `This line is longer than ${maxRecordBytes} bytes, which is the most; shorten it.`;
      this.#failed([{ path: [], message, code: 'TOO_LONG' }]);
      return;
    }
    if (text === '') return;
    let record: JsonValue;
    try {
      record = JSON.parse(text);
    } catch {
      this.#failed([{ path: [], message: 'This line is no JSON; send one object a line.', code: 'NOT_JSON' }]);
      return;
    }
    if (isAsKept(format, text, record)) this.#put(text);
    else this.#takeRecord(record);
  }

  #takeRecord(record: JsonValue): void {
    const { format, maxRecordBytes: maxBytes } = this.#options;
    try {
      this.#put(recordLine(format, record, { now: Date.now(), maxBytes, path: [] }).slice(0, -1));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      this.#failed(error.problems);
    }
  }

  /** @param line without its end */
  #put(line: string): void {
    this.#batch.push(line);
    this.#batchLength += line.length;
  }

  #failed(problems: InputProblem[]): void {
    const { problems: told } = this.#result;
    this.#result.failed += 1;
    for (const problem of problems) if (told.length < mostProblems) told.push({ line: this.#line, ...problem });
  }

  async #sendFull(): Promise<void> {
    if (this.#batchLength < batchLength) return;
    this.#send();
    if (this.#underWay.size >= mostUnderWay) await Promise.race(this.#underWay);
  }

  #send(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchLength = 0;
    if (batch.length === 0) return;
    const writing = this.#append(Buffer.from(`${batch.join('\n')}\n`), 'written').then(
      () => {
        this.#result.written += batch.length;
      },
      (error: unknown) => {
        this.#failure ??= { error };
      },
    );
    const tracked = writing.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
