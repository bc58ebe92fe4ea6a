import { endOf, type Position, type RawRecord } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import { lineStart, linesBack } from '../file/line-start.ts';
import type { Segment } from '../file/segment.ts';
import { type Begins, Joiner } from './joiner.ts';
import { linesOf } from './lines.ts';
import { haveContent, type SettledSpan, type Span, settled } from './span.ts';

/** How the text of a log is made of records. */
export interface Layout {
  /** Which lines begin one; null: every line does. */
  begins: Begins | null;
  /** Longest record kept whole, in bytes; what goes beyond that is not joined. */
  maxRecordBytes: number;
}

/** A place between two records of a passage. */
export interface Place {
  /** Index of the span. */
  span: number;
  /** Byte offset in its file. */
  offset: number;
}

export interface WrittenRecord {
  record: RawRecord;
  /** A moment shortly after it was written; ms since 1970, UTC. */
  writtenBefore: number;
  /** The place after it. */
  end: Place;
}

/** Some records, and the place up to which all were handed out. */
export interface Portion {
  records: WrittenRecord[];
  reached: Place;
}

/**
 * Time (ms) after which nothing more is expected to belong to the last record of a log: programs write what belongs
 * together at once, or line by line.
 */
export const settlingMs = 100;

/** Bytes looked back over at first for the line that begins a record. */
const glanceBytes = 4 * 1024;

/** The part of a log between two positions, as one text over the files it is in. */
export class Passage {
  readonly spans: readonly Span[];
  readonly #chain: Chain;
  readonly #layout: Layout;
  readonly #settled = new Map<number, SettledSpan>();
  /** Whether it ends where the log does: then its last record may still be written. */
  readonly #end: 'log' | 'bound';

  constructor(chain: Chain, spans: Span[], layout: Layout, end: 'log' | 'bound') {
    this.spans = spans;
    this.#chain = chain;
    this.#layout = layout;
    this.#end = end;
  }

  /** A span whose end is known; a compressed file is unpacked for it. */
  async settled(index: number): Promise<SettledSpan> {
    const known = this.#settled.get(index);
    if (known !== undefined) return known;
    const span = this.spans[index];
    if (span === undefined) throw new RangeError(`A passage of ${this.spans.length} spans has none at ${index}.`);
    const found = await settled(this.#chain, span);
    this.#settled.set(index, found);
    return found;
  }

  get beginning(): Place {
    return { span: 0, offset: this.spans[0]?.start ?? 0 };
  }

  /** Where its last span ends. */
  async end(): Promise<Place> {
    const last = this.spans.length - 1;
    return last < 0 ? this.beginning : { span: last, offset: (await this.settled(last)).end };
  }

  /** Bytes between two places. */
  async distance(from: Place, to: Place): Promise<number> {
    let bytes = to.offset - from.offset;
    for (let index = from.span; index < to.span; index++) bytes += (await this.settled(index)).end;
    for (let index = from.span + 1; index <= to.span; index++) bytes -= (await this.settled(index)).start;
    return bytes;
  }

  /** The records between two places, in portions, oldest first. */
  async *records(from: Place, to: Place | null): AsyncGenerator<Portion, void, undefined> {
    const { begins, maxRecordBytes } = this.#layout;
    const joiner = begins && new Joiner(begins, maxRecordBytes);
    const last = to?.span ?? this.spans.length - 1;
    let held = { begin: from, end: from };
    for (let index = from.span; index <= last; index++) {
      const span = await this.settled(index);
      const start = index === from.span ? from.offset : span.start;
      const end = index === to?.span ? to.offset : span.end;
      const segment = await this.#chain.openReadable(span.file);
      if (segment === null) continue;
      try {
        const writtenBefore = span.current ? Date.now() : span.file.modifiedAt;
        for await (const { lines, offset } of linesOf(segment, start, end, maxRecordBytes)) {
          const records: WrittenRecord[] = [];
          for (const line of lines) {
            const place = { span: index, offset: endOf(line.position) };
            for (const record of joiner?.push(line) ?? [line]) {
              records.push({ record, writtenBefore, end: record === line ? place : held.end });
            }
            if (joiner?.held.length === 1) held = { begin: { span: index, offset: line.position.offset }, end: place };
            else held.end = place;
          }
          yield { records, reached: joiner?.held.length ? held.begin : { span: index, offset } };
        }
        if (index < last || !joiner?.held.length) continue;
        if (this.#mayGoOn(span, end)) return;
        yield {
          records: joiner.flush().map((record) => ({ record, writtenBefore, end: held.end })),
          reached: { span: index, offset: end },
        };
      } finally {
        await segment.close();
      }
    }
  }

  /** Whether there is something after a place, or before it. */
  async hasMoreAfter({ span, offset }: Place): Promise<boolean> {
    if (this.spans.length === 0) return false;
    return offset < (await this.settled(span)).end || haveContent(this.#chain, this.spans.slice(span + 1));
  }

  async hasMoreBefore({ span, offset }: Place): Promise<boolean> {
    if (this.spans.length === 0) return false;
    return offset > (await this.settled(span)).start || haveContent(this.#chain, this.spans.slice(0, span).reverse());
  }

  /** A place as a position; null when its file may no longer be read. */
  async positionAt({ span, offset }: Place): Promise<Position | null> {
    const segment = await this.#chain.openReadable((await this.settled(span)).file);
    if (segment === null) return null;
    try {
      return await segment.positionAt(offset);
    } finally {
      await segment.close();
    }
  }

  /**
   * A place before this one, not before the beginning. Where each line is a record: `count` lines before, or fewer when
   * `budget` bytes are passed; else so many `bytes`, or a little more.
   */
  async back(place: Place, room: { count: number; bytes: number; budget: number }): Promise<Place> {
    if (this.spans.length === 0) return place;
    const span = await this.settled(place.span);
    if (place.offset <= span.start) {
      return place.span === 0 ? place : this.back(await this.#endOf(place.span - 1), room);
    }
    const { count, bytes, budget } = room;
    if (this.#layout.begins !== null) {
      return this.recordStart({ ...place, offset: Math.max(span.start, place.offset - Math.min(bytes, budget)) });
    }
    const segment = await this.#chain.openReadable(span.file);
    if (segment === null) return { ...place, offset: span.start };
    try {
      return { ...place, offset: await linesBack(segment, place.offset, { count, floor: span.start, budget }) };
    } finally {
      await segment.close();
    }
  }

  /** The last place at or before this one that is between two records. */
  async recordStart(place: Place): Promise<Place> {
    const span = await this.settled(place.span);
    const segment = await this.#chain.openReadable(span.file);
    if (segment === null) return { ...place, offset: span.start };
    try {
      const line = Math.max(span.start, await lineStart(segment, place.offset));
      const { begins, maxRecordBytes } = this.#layout;
      if (begins === null) return { ...place, offset: line };
      for (let bytes = glanceBytes; ; bytes *= 4) {
        const from = Math.max(span.start, await lineStart(segment, Math.max(0, line - bytes)));
        const offset = await lastBegin(segment, { from, line, end: span.end }, { begins, maxRecordBytes });
        if (offset !== null) return { ...place, offset };
        if (line - from > maxRecordBytes) return { ...place, offset: line };
        if (from <= span.start) return await this.#recordBefore({ ...place, offset: line });
      }
    } finally {
      await segment.close();
    }
  }

  /** Where the record begins that a line belongs to in whose file, up to it, none begins. */
  async #recordBefore(line: Place): Promise<Place> {
    const { start } = await this.settled(line.span);
    if (line.span === 0 || start > 0) return line;
    const before = await this.#endOf(line.span - 1);
    const begin = await this.recordStart(before);
    const isNear = (await this.distance(begin, line)) <= this.#layout.maxRecordBytes;
    return isNear && begin.offset < before.offset ? begin : line;
  }

  async #endOf(index: number): Promise<Place> {
    return { span: index, offset: (await this.settled(index)).end };
  }

  /** Whether the record that ends here may not be whole yet. */
  #mayGoOn(span: SettledSpan, end: number): boolean {
    if (this.#end === 'bound' || !span.current || end < span.end) return false;
    return Date.now() - span.file.modifiedAt < settlingMs;
  }
}

/** Byte offset of the last line from `from` to `line` that begins a record; null when none does. */
async function lastBegin(
  segment: Segment,
  { from, line, end }: { from: number; line: number; end: number },
  { begins, maxRecordBytes }: { begins: Begins; maxRecordBytes: number },
): Promise<number | null> {
  let last: number | null = null;
  for await (const { lines } of linesOf(segment, from, end, maxRecordBytes)) {
    for (const { position, raw } of lines) {
      if (position.offset > line) return last;
      if (begins(raw)) last = position.offset;
    }
  }
  return last;
}
