import { setTimeout as sleep } from 'node:timers/promises';
import { type InputProblem, LimitReachedError } from '../errors.ts';
import type { Action, NewAction } from './action.ts';
import { type ActionRules, parseAction } from './new-action.ts';
import type { Recorder } from './recorder.ts';

/** What came of a text of actions. */
export interface ImportResult {
  recorded: number;
  /** Lines that could not be used. */
  failed: number;
  /** What is wrong with the first of them, with the number of the line from 1. */
  problems: (InputProblem & { line: number })[];
}

export interface ImportOptions {
  rules: ActionRules;
  /** Actions recorded together. */
  batchSize: number;
  maxLineBytes: number;
}

/** Lines of which it is told what is wrong. */
const mostProblems = 100;

/** Batches that may be on their way to the database while the next is read. */
const mostUnderWay = 8;

/** Time (ms) between two attempts while too much waits to be recorded. */
const retryMs = 20;

const newline = 10;

/**
 * Records actions out of JSON lines, one action a line, as they come. It holds a few batches and one line; who gives it
 * bytes waits while the database is behind. A line that cannot be used is told, and does not keep others from being recorded.
 */
export class Importer {
  readonly #recorder: Recorder;
  readonly #options: ImportOptions;
  readonly #result: ImportResult = { recorded: 0, failed: 0, problems: [] };
  readonly #underWay = new Set<Promise<void>>();
  #batch: NewAction[] = [];
  /** Pieces of the line whose end has not come yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #line = 0;
  #failure: { error: unknown } | null = null;

  constructor(recorder: Recorder, options: ImportOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  /** What was done so far, also after a failure. */
  get result(): ImportResult {
    return this.#result;
  }

  /**
   * Takes the next bytes; resolves when it can take more.
   * @throws {LimitReachedError} when there would be too many series
   */
  async write(bytes: Uint8Array): Promise<void> {
    const start = this.#isTooLong ? this.#skip(bytes) : 0;
    const end = bytes.lastIndexOf(newline) + 1;
    // Decoded together: that takes a fraction of the time that it takes line by line.
    if (end > start) await this.#takeLines(decoder.decode(this.#joined(bytes.subarray(start, end))));
    const rest = bytes.subarray(Math.max(start, end));
    this.#pieceBytes += rest.length;
    // Of a line that is too long it is enough to know that it is.
    if (this.#isTooLong) this.#pieces = [];
    else if (rest.length > 0) this.#pieces.push(rest);
  }

  /** There is no more. Resolves when everything is in the database. */
  async end(): Promise<ImportResult> {
    await this.write(Uint8Array.of(newline));
    await this.#send();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    return this.#result;
  }

  get #isTooLong(): boolean {
    return this.#pieceBytes > this.#options.maxLineBytes;
  }

  /** Passes over what is left of a line that is too long; returns where the next one begins. */
  #skip(bytes: Uint8Array): number {
    const end = bytes.indexOf(newline) + 1;
    if (end === 0) return bytes.length;
    this.#take(null);
    this.#pieceBytes = 0;
    return end;
  }

  #joined(end: Uint8Array): Uint8Array {
    if (this.#pieces.length === 0) return end;
    const bytes = Buffer.concat([...this.#pieces, end]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return bytes;
  }

  async #takeLines(text: string): Promise<void> {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#take(end - start > this.#options.maxLineBytes ? null : text.slice(start, end));
      start = end + 1;
      if (this.#batch.length >= this.#options.batchSize) await this.#send();
    }
  }

  /** @param line null: it is too long */
  #take(line: string | null): void {
    this.#line++;
    const { maxLineBytes, rules } = this.#options;
    const problems: InputProblem[] = [];
    if (line === null) {
      this.#refuse([{ path: [], message: `A line may have ${maxLineBytes} bytes; send less.`, code: 'TOO_LONG' }]);
    } else if (line !== '' && line.trim() !== '') {
      const action = parseAction(jsonIn(line), { rules, now: Date.now(), path: [], problems });
      if (action === null) this.#refuse(problems);
      else this.#batch.push(action);
    }
  }

  #refuse(problems: InputProblem[]): void {
    this.#result.failed++;
    if (this.#result.failed > mostProblems) return;
    for (const problem of problems) this.#result.problems.push({ ...problem, line: this.#line });
  }

  async #send(): Promise<void> {
    const actions = this.#batch;
    this.#batch = [];
    if (actions.length > 0) {
      const sending = this.#record(actions)
        .then(({ length }) => {
          this.#result.recorded += length;
        })
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => this.#underWay.delete(sending));
      this.#underWay.add(sending);
    }
    while (this.#underWay.size >= mostUnderWay) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  /** Whoever sends a stream waits, rather than being told to try again. */
  async #record(actions: NewAction[]): Promise<Action[]> {
    for (;;) {
      try {
        return await this.#recorder.record({ actions, request: null });
      } catch (error) {
        if (!(error instanceof LimitReachedError) || error.retryAfterMs === null) throw error;
        await sleep(retryMs);
      }
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

const decoder = new TextDecoder();

/** What a line says; undefined, which no action is, when it is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
