import type { Level, RawRecord } from '../entry.ts';
import { compileFilter } from '../filter/compile.ts';
import type { Condition } from '../filter/condition.ts';
import type { Glance, GlancedRequest } from '../format/glance.ts';
import { formatOf, type Reading } from '../format/registry.ts';
import { Candidates } from './candidates.ts';
import { Clock } from './clock.ts';
import { GlancedLine } from './glanced-line.ts';
import type { TaskBase } from './piece.ts';
import { ScannedRecord } from './scanned-record.ts';

/** A record that fulfils a filter, as far as it is known; good until the next one. */
export interface Match {
  /** Null when nobody knows, or asked. */
  readonly time: number | null;
  readonly level: Level;
  /** What a glance tells of it as a request; null: all that is known is in `whole`. */
  request(): GlancedRequest | null;
  whole(): ScannedRecord;
}

/** What is looked for in a piece, and in which of its records. */
export class Matching {
  readonly #condition: Condition;
  readonly #maxRecordBytes: number;
  readonly #candidates: Candidates;
  readonly #reading: Reading;
  readonly #clock: Clock | null;

  /** @param timed whether it must be known when records happened, also where the filter does not ask */
  constructor({ piece, filter, limits }: TaskBase, timed: boolean) {
    const { condition } = compileFilter(filter, limits, []);
    const { detected, parse } = piece;
    const format = formatOf(detected.format, detected.layout);
    this.#condition = condition;
    this.#maxRecordBytes = piece.maxRecordBytes;
    this.#reading = { format, parse };
    this.#candidates = new Candidates(piece, format.begins ?? null, condition.needles);
    this.#clock = timed || condition.needsTime ? new Clock(piece, this.#reading, this.#candidates.kind) : null;
  }

  /** Records that fulfil the filter, in portions. */
  async *records(): AsyncGenerator<ScannedRecord[], void, undefined> {
    for await (const records of this.#candidates.portions()) yield this.#matchesOf(records);
  }

  /**
   * Calls `found` with each record that fulfils the filter, until that says that there are enough. Lines are not decoded
   * where a glance at their bytes is enough.
   */
  async each(found: (match: Match) => 'enough' | undefined): Promise<void> {
    const glance = this.#glance();
    if (glance === null) {
      for await (const portion of this.records()) if (portion.some((one) => found(one) === 'enough')) return;
      return;
    }
    const line = new GlancedLine(glance, this.#candidates, { reading: this.#reading, maxBytes: this.#maxRecordBytes });
    for await (const block of this.#candidates.blocks()) {
      if (Array.isArray(block)) {
        const matches = await this.#matchesOf(block);
        if (matches.some((one) => found(one) === 'enough')) return;
        continue;
      }
      line.begin(block);
      for (let look = line.advance(); look !== 'end'; look = line.advance()) {
        if (look === 'unsure') {
          const matches = await this.#matchesOf(line.records());
          if (matches.some((one) => found(one) === 'enough')) return;
        } else {
          this.#clock?.saw(line.time, line.offset);
          if (this.#condition.matches(line, line.time) && found(line) === 'enough') return;
        }
      }
    }
  }

  /** Null when that is not enough. */
  #glance(): Glance | null {
    const isEnough = this.#condition.needs !== 'parsed' && this.#candidates.kind === 'all' && this.#candidates.areLines;
    return (isEnough && this.#reading.format.glance?.()) || null;
  }

  async #matchesOf(records: RawRecord[]): Promise<ScannedRecord[]> {
    const scanned = records.map((record) => new ScannedRecord(record, this.#reading));
    await this.#clock?.setTimes(scanned);
    return scanned.filter((one) => this.#condition.matches(one, one.time));
  }
}
