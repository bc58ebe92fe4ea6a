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
const mostUnderWay = 4;

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
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#take(bytes.subarray(start, end));
      start = end + 1;
      if (this.#batch.length >= this.#options.batchSize) await this.#send();
    }
    const rest = bytes.subarray(start);
    this.#pieceBytes += rest.length;
    // Of a line that is too long it is enough to know that it is.
    if (rest.length > 0 && this.#pieceBytes <= this.#options.maxLineBytes) this.#pieces.push(rest);
  }

  /** There is no more. Resolves when everything is in the database. */
  async end(): Promise<ImportResult> {
    if (this.#pieceBytes > 0) this.#take(new Uint8Array());
    await this.#send();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    return this.#result;
  }

  #take(end: Uint8Array): void {
    this.#line++;
    const bytes = this.#pieceBytes + end.length;
    const { maxLineBytes, rules } = this.#options;
    const line = this.#pieces.length === 0 ? end : Buffer.concat([...this.#pieces, end]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (bytes > maxLineBytes) {
      this.#refuse([{ path: [], message: `A line may have ${maxLineBytes} bytes; send less.`, code: 'TOO_LONG' }]);
      return;
    }
    const text = decoder.decode(line);
    if (text.trim() === '') return;
    const problems: InputProblem[] = [];
    const action = parseAction(jsonIn(text), { rules, now: Date.now(), path: [], problems });
    if (action === null) this.#refuse(problems);
    else this.#batch.push(action);
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
