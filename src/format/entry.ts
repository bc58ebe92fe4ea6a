import { encodeCursor } from '../cursor.ts';
import type { Parsed, RawRecord } from '../entry.ts';
import type { Source } from '../source/source.ts';
import type { Format, ParseContext } from './format.ts';
import { type FormatName, plain } from './registry.ts';

/** What the records of one log have in common: whose they are, and how to understand them. */
export interface LogContext {
  source: Source;
  format: Format;
  parse: ParseContext;
}

/**
 * One record of a log, understood when somebody asks, and then remembered. Shared by all readers of the log, so it never
 * changes.
 */
export class Entry {
  readonly context: LogContext;
  readonly record: RawRecord;
  #understood: Parsed | null | undefined;
  #parsed: Parsed | undefined;
  #cursor: string | undefined;

  constructor(context: LogContext, record: RawRecord) {
    this.context = context;
    this.record = record;
  }

  get raw(): string {
    return this.record.raw;
  }

  /** Where it stands, as text. */
  get cursor(): string {
    this.#cursor ??= encodeCursor([[this.context.source.id, this.record.position]]);
    return this.#cursor;
  }

  /** How it is written: as its log is, or as plain text when it is not of that format. */
  get format(): FormatName {
    return this.#understand() === null ? 'TEXT' : this.context.format.name;
  }

  get parsed(): Parsed {
    this.#parsed ??= this.#understand() ?? plain(this.record.raw);
    return this.#parsed;
  }

  /** That it was understood, which takes more room than the record. */
  forget(): void {
    this.#understood = undefined;
    this.#parsed = undefined;
    this.#cursor = undefined;
  }

  #understand(): Parsed | null {
    if (this.#understood === undefined) {
      this.#understood = this.context.format.parse(this.record.raw, this.context.parse);
    }
    return this.#understood;
  }
}
