import { deserialize, serialize } from 'node:v8';
import type { Parsed, Position } from '../entry.ts';
import { addCounts, bucketAt, emptyCounts, indexIn, type Scale } from '../history/histogram.ts';
import { addHttp, countFields, type HttpTally } from './http.ts';
import { ShapeTable } from './shape-table.ts';
import { addTally, countEntry, emptyTally, type Tally } from './tally.ts';

/** An entry as it is examined. */
export interface ExaminedEntry {
  parsed: Parsed;
  /** Milliseconds since 1970, UTC; null when nobody knows. */
  time: number | null;
  position: Position;
}

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
  http: HttpTally | null;
}

/** Counts what a stretch of a log consists of. Bounded, whatever the log has. */
export class Findings {
  readonly #scale: Scale;
  readonly #shapes = new ShapeTable<Tally>({ create: emptyTally, merge: addTally });
  readonly #histogram: Float64Array;
  #entries = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  #http: HttpTally | null = null;

  constructor(scale: Scale) {
    this.#scale = scale;
    this.#histogram = emptyCounts(scale);
  }

  see({ parsed, time, position }: ExaminedEntry): void {
    const { level, message, fields } = parsed;
    this.#entries++;
    const tally = this.#shapes.of(message);
    countEntry(tally, level, time === null ? null : { time, bucket: bucketAt(this.#scale, time) });
    // One of a stretch is enough: there are others.
    if (tally.examples.length === 0) tally.examples.push(position);
    this.#http = countFields(this.#http, fields);
    if (time === null) return;
    this.#from = Math.min(this.#from, time);
    this.#to = Math.max(this.#to, time);
    const index = indexIn(this.#scale, time, level);
    this.#histogram[index] = (this.#histogram[index] ?? 0) + 1;
  }

  /** Adds what was counted of the stretch that comes next. */
  add({ entries, from, to, histogram, words, shapes, http }: Counted): void {
    this.#entries += entries;
    this.#from = Math.min(this.#from, from ?? Number.POSITIVE_INFINITY);
    this.#to = Math.max(this.#to, to ?? Number.NEGATIVE_INFINITY);
    addCounts(this.#histogram, histogram);
    this.#shapes.keepOnly(words);
    for (const [shape, tally] of shapes) this.#shapes.add(shape, tally);
    if (http !== null && this.#http !== null) addHttp(this.#http, http);
    else this.#http ??= http;
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
      http: this.#http,
    };
  }
}

/** As bytes: whoever only passes it on need not make objects of it. */
export const packed = (counted: Counted): Uint8Array => serialize(counted);

/** What stretches come to together, in their order. */
export function together(parts: readonly Uint8Array[], scale: Scale): Counted {
  const findings = new Findings(scale);
  for (const part of parts) {
    const counted: Counted = deserialize(part);
    findings.add(counted);
  }
  return findings.counted;
}
