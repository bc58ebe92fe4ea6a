import { deserialize, serialize } from 'node:v8';
import type { Level, Parsed, Position } from '../entry.ts';
import type { GlancedRequest } from '../format/glance.ts';
import { addCounts, bucketAt, emptyCounts, indexIn, type Scale } from '../history/histogram.ts';
import { mine } from './miner.ts';
import { type CountedRequests, Requests } from './requests.ts';
import { ShapeTable } from './shape-table.ts';
import { addTally, countEntry, emptyTally, type Tally } from './tally.ts';

/** An entry as it is examined. */
export interface ExaminedEntry {
  readonly level: Level;
  /** Milliseconds since 1970, UTC; null when nobody knows. */
  readonly time: number | null;
  /** What a glance tells of it as a request; null: all that is known is in `whole`. */
  request(): GlancedRequest | null;
  whole(): { readonly parsed: Parsed; readonly record: { position: Position } };
}

/** A record that nobody glanced at, as it is examined. */
export const examined = (whole: ReturnType<ExaminedEntry['whole']>, time: number | null): ExaminedEntry => ({
  level: whole.parsed.level,
  time,
  request: () => null,
  whole: () => whole,
});

/** What was counted of a part of a log. Plain data, for it is sent from thread to thread. */
export interface Counted {
  entries: number;
  /** When the earliest and the latest entry happened, ms since 1970, UTC; null when no entry has a time. */
  from: number | null;
  to: number | null;
  /** By bucket and level: src/history/histogram.ts. */
  histogram: Float64Array;
  /** The only words that shapes have; null when there was room for all. */
  words: readonly string[] | null;
  shapes: [shape: string, tally: Tally][];
  /** Null when nothing is a request. */
  requests: CountedRequests | null;
}

/** Counts what a stretch of a log consists of. Bounded, whatever the log has. */
export class Findings {
  readonly #scale: Scale;
  readonly #shapes = new ShapeTable<Tally>({ create: emptyTally, merge: addTally });
  readonly #histogram: Float64Array;
  #entries = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  readonly #requests = new Requests();

  constructor(scale: Scale) {
    this.#scale = scale;
    this.#histogram = emptyCounts(scale);
  }

  see(entry: ExaminedEntry): void {
    const { level, time } = entry;
    this.#entries++;
    const tally = this.#requests.see(entry) ?? this.#shapes.of(entry.whole().parsed.message);
    countEntry(tally, level, time, time === null ? 0 : bucketAt(this.#scale, time));
    // One of a stretch is enough: there are others.
    if (tally.examples.length === 0) tally.examples.push(entry.whole().record.position);
    if (time === null) return;
    this.#from = Math.min(this.#from, time);
    this.#to = Math.max(this.#to, time);
    const index = indexIn(this.#scale, time, level);
    this.#histogram[index] = (this.#histogram[index] ?? 0) + 1;
  }

  /** Adds what was counted of the stretch that comes next. */
  add({ entries, from, to, histogram, words, shapes, requests }: Counted): void {
    this.#entries += entries;
    this.#from = Math.min(this.#from, from ?? Number.POSITIVE_INFINITY);
    this.#to = Math.max(this.#to, to ?? Number.NEGATIVE_INFINITY);
    addCounts(this.#histogram, histogram);
    this.#shapes.keepOnly(words);
    for (const [shape, tally] of shapes) this.#shapes.add(shape, tally);
    if (requests !== null) this.#requests.add(requests);
  }

  /** What is counted of entries like this; undefined where there is none. */
  find(parsed: Parsed): Tally | undefined {
    return this.#requests.find(parsed) ?? this.#shapes.find(parsed.message);
  }

  /** The template of each tally: of messages by mining, of requests by their routes. Call it when all is counted. */
  templates(): Map<Tally, string> {
    const shapes = [...this.#shapes.entries()];
    const mined = mine(shapes.map(([shape, { count }]) => ({ shape, count })));
    const templates = new Map(shapes.map(([shape, tally], index) => [tally, mined[index] ?? shape]));
    for (const [template, tally] of this.#requests.templates()) templates.set(tally, template);
    return templates;
  }

  get entries(): number {
    return this.#entries;
  }

  get counted(): Counted {
    const hasTimes = this.#from <= this.#to;
    return {
      entries: this.#entries,
      from: hasTimes ? this.#from : null,
      to: hasTimes ? this.#to : null,
      histogram: this.#histogram,
      words: this.#shapes.words,
      shapes: [...this.#shapes.entries()],
      requests: this.#requests.counted,
    };
  }
}

/** As bytes: whoever only passes it on need not make objects of it. */
export const packed = (findings: Findings): Uint8Array<ArrayBuffer> => serialize(findings.counted);

/** What stretches come to together, in their order. */
export function together(parts: readonly Uint8Array[], scale: Scale): Findings {
  const findings = new Findings(scale);
  for (const part of parts) {
    const counted: Counted = deserialize(part);
    findings.add(counted);
  }
  return findings;
}
