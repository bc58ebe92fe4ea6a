import type { Level, Parsed, RawRecord } from '../entry.ts';
import type { Subject } from '../filter/condition.ts';
import type { Glance, GlancedRequest } from '../format/glance.ts';
import type { Reading } from '../format/registry.ts';
import type { Block, Candidates } from './candidates.ts';
import { ScannedRecord } from './scanned-record.ts';

const [newline, carriageReturn] = [10, 13];

/** One line of a block after the other, of which no more is known than a glance tells. The same object for all of them. */
export class GlancedLine implements Subject {
  readonly parsed: Parsed & { fields: { status: number | null } };
  readonly #glance: Glance;
  readonly #candidates: Candidates;
  readonly #reading: Reading;
  readonly #maxBytes: number;
  #block: Block = { bytes: Buffer.alloc(0), offset: 0 };
  #start = 0;
  #end = 0;
  /** Where it ends with its newline. */
  #next = 0;

  constructor(glance: Glance, candidates: Candidates, { reading, maxBytes }: { reading: Reading; maxBytes: number }) {
    this.#reading = reading;
    this.#maxBytes = maxBytes;
    this.#glance = glance;
    this.#candidates = candidates;
    this.parsed = { timestamp: null, level: 'UNKNOWN', message: '', fields: { status: null } };
  }

  get raw(): string {
    return this.#block.bytes.toString('utf8', this.#start, this.#end);
  }

  /** Byte offset in the file at which it begins. */
  get offset(): number {
    return this.#block.offset + this.#start;
  }

  get level(): Level {
    return this.parsed.level;
  }

  get time(): number | null {
    return this.parsed.timestamp;
  }

  request(): GlancedRequest | null {
    return this.#glance.request();
  }

  /** One that a glance is sure of is one record. */
  whole(): ScannedRecord {
    const [record] = this.records();
    if (record === undefined) throw new Error('A line is no record.');
    return new ScannedRecord(record, this.#reading);
  }

  begin(block: Block): void {
    this.#block = block;
    this.#next = 0;
  }

  /** Goes on to the next line; `unsure`: only parsing tells what it says. */
  advance(): 'sure' | 'unsure' | 'end' {
    const { bytes } = this.#block;
    this.#start = this.#next;
    if (this.#start >= bytes.length) return 'end';
    const at = bytes.indexOf(newline, this.#start);
    this.#next = at === -1 ? bytes.length : at + 1;
    this.#end = at === -1 ? bytes.length : at;
    if (this.#end > this.#start && bytes[this.#end - 1] === carriageReturn) this.#end--;
    // Of a longer one only the beginning counts.
    if (this.#end - this.#start > this.#maxBytes) return 'unsure';
    if (!this.#glance.read(bytes, this.#start, this.#end)) return 'unsure';
    const { parsed } = this;
    parsed.timestamp = this.#glance.timestamp;
    parsed.level = this.#glance.level;
    parsed.fields.status = this.#glance.status;
    return 'sure';
  }

  /** It as it stands in the file: none for what makes no record. */
  records(): RawRecord[] {
    return this.#candidates.records(this.#block, this.#start, this.#next);
  }
}
