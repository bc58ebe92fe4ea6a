import type { JsonValue } from '../entry.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import { recordLine, type StreamFormat } from './record.ts';

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
  /** Records written together. */
  batchSize: number;
}

/** Lines of which it is told what is wrong. */
const mostProblems = 100;

/** Batches that may be on their way to the disk while the next is read. */
const mostUnderWay = 4;

const newline = 10;

/**
 * Writes records to a stream as they come, out of JSON lines, one record a line, or one by one. It holds a few batches and one line; who
 * gives it bytes waits while the disk is behind. A line that cannot be used is told, and keeps no other from being written.
 */
export class Intake {
  readonly #append: (lines: Buffer) => Promise<unknown>;
  readonly #options: IntakeOptions;
  readonly #result: IntakeResult = { written: 0, failed: 0, problems: [] };
  readonly #underWay = new Set<Promise<void>>();
  #batch: Buffer[] = [];
  /** Pieces of the line whose end has not come yet, and how long it is, whatever was kept of it. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #line = 0;
  #failure: { error: unknown } | null = null;

  constructor(append: (lines: Buffer) => Promise<unknown>, options: IntakeOptions) {
    this.#append = append;
    this.#options = options;
  }

  /** What was done so far, also after a failure: what was written is on the disk. */
  get result(): IntakeResult {
    return this.#result;
  }

  /**
   * Takes the next bytes; resolves when it can take more.
   * @throws {LimitReachedError} when the disk takes no more
   */
  async write(bytes: Uint8Array): Promise<void> {
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#hold(bytes.subarray(start, end));
      await this.#takeLine();
      start = end + 1;
    }
    this.#hold(bytes.subarray(start));
    this.#throwFailure();
  }

  /** There is no more. Resolves when everything is on the disk. */
  async end(): Promise<IntakeResult> {
    await this.#takeLine();
    this.#send();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    return this.#result;
  }

  #hold(bytes: Uint8Array): void {
    this.#pieceBytes += bytes.length;
    // Of a line that is too long it is enough to know that it is.
    if (this.#pieceBytes > this.#options.maxRecordBytes) this.#pieces = [];
    else if (bytes.length > 0) this.#pieces.push(bytes);
  }

  async #takeLine(): Promise<void> {
    const isTooLong = this.#pieceBytes > this.#options.maxRecordBytes;
    const text = Buffer.concat(this.#pieces).toString().trim();
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#line += 1;
    if (isTooLong) {
      const message = `This line is longer than ${this.#options.maxRecordBytes} bytes, which is the most; shorten it.`;
      this.#failed([{ path: [], message, code: 'TOO_LONG' }]);
    } else if (text !== '') this.#takeText(text);
    await this.#sendFull();
  }

  /** Takes a record that is no text; resolves when it can take more. */
  async take(record: JsonValue): Promise<void> {
    this.#line += 1;
    this.#takeRecord(record);
    await this.#sendFull();
    this.#throwFailure();
  }

  async #sendFull(): Promise<void> {
    if (this.#batch.length < this.#options.batchSize) return;
    this.#send();
    if (this.#underWay.size >= mostUnderWay) await Promise.race(this.#underWay);
  }

  #takeText(text: string): void {
    let record: JsonValue;
    try {
      record = JSON.parse(text);
    } catch {
      this.#failed([{ path: [], message: 'This line is no JSON; send one object a line.', code: 'NOT_JSON' }]);
      return;
    }
    this.#takeRecord(record);
  }

  #takeRecord(record: JsonValue): void {
    const { format, maxRecordBytes: maxBytes } = this.#options;
    try {
      this.#batch.push(recordLine(format, record, { now: Date.now(), maxBytes, path: [] }));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      this.#failed(error.problems);
    }
  }

  #failed(problems: InputProblem[]): void {
    const { problems: told } = this.#result;
    this.#result.failed += 1;
    for (const problem of problems) if (told.length < mostProblems) told.push({ line: this.#line, ...problem });
  }

  #send(): void {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const writing = this.#append(Buffer.concat(batch)).then(
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
