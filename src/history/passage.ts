import { endOf, type Position, type RawRecord } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import { lineStart, linesBack } from '../file/line-start.ts';
import type { Segment } from '../file/segment.ts';
import type { Detected } from '../format/detect.ts';
import { formatOf, type Reading } from '../format/registry.ts';
import { Joiner, type Layout } from './joiner.ts';
import { lineBefore } from './line-before.ts';
import { linesOf } from './lines.ts';
import { OpenFiles } from './open-files.ts';
import { recordStartIn } from './record-start.ts';
import { haveContent, type Range, type SettledSpan, type Span, settled } from './span.ts';
import { mostUntimedBytes, type TimedEntry, timeBefore } from './time-before.ts';

/** How the entries of a span are understood. */
export type ReadingOf = (span: number) => Reading;

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

/** The part of a log between two positions, as one text over the files it is in. */
export class Passage {
  readonly spans: readonly Span[];
  readonly layout: Layout;
  readonly #chain: Chain;
  readonly #settled = new Map<number, SettledSpan>();
  /** Those of the passage that this one is a part of, if it is. */
  readonly files: OpenFiles;
  /** Whether it ends where the log does: then its last record may still be written. */
  readonly #end: 'log' | 'bound';
  readonly #preceding: Span[];

  constructor(
    chain: Chain,
    { spans, preceding }: Pick<Range, 'spans' | 'preceding'>,
    layout: Layout,
    end: 'log' | 'bound',
    files: OpenFiles | null = null,
  ) {
    this.files = files ?? new OpenFiles((index) => this.open(index));
    this.spans = spans;
    this.#preceding = preceding;
    this.#chain = chain;
    this.layout = layout;
    this.#end = end;
  }

  /** The part of it between two places. A place in the one is a place in the other. */
  async part(low: Place, high: Place): Promise<Passage> {
    const end = await this.end();
    const spans = this.spans.map((span, index): Span => {
      if (index < low.span || index > high.span) return { ...span, start: 0, end: 0 };
      return {
        ...span,
        start: index === low.span ? low.offset : span.start,
        end: index === high.span ? high.offset : span.end,
      };
    });
    const isToEnd = high.span === end.span && high.offset === end.offset;
    const preceding = this.#preceding;
    return new Passage(this.#chain, { spans, preceding }, this.layout, isToEnd ? this.#end : 'bound', this.files);
  }

  /** All of it but a last record that may not be whole yet: so it does where the log does, just after it was written. */
  async settledPart(): Promise<Passage> {
    const last = this.spans.at(-1);
    const isWhole = this.#end === 'bound' || this.layout.begins === null || !last?.current;
    // A time that is yet to come is that of another clock, and says nothing.
    if (isWhole || Math.abs(Date.now() - last.file.modifiedAt) >= settlingMs) return this;
    return this.part(this.beginning, await this.recordStart(await this.end()));
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
  async *records(from: Place, to: Place | null, blockBytes?: number): AsyncGenerator<Portion, void, undefined> {
    const { begins, maxRecordBytes } = this.layout;
    const joiner = begins && new Joiner(begins, maxRecordBytes);
    const last = to?.span ?? this.spans.length - 1;
    let held = { begin: from, end: from };
    for (let index = from.span; index <= last; index++) {
      const span = await this.settled(index);
      const start = index === from.span ? from.offset : span.start;
      const end = index === to?.span ? to.offset : span.end;
      if (start >= end && index < last) continue;
      const segment = await this.open(index);
      if (segment === null) continue;
      try {
        const writtenBefore = this.#writtenBefore(index);
        for await (const { lines, offset } of linesOf(segment, start, end, maxRecordBytes, blockBytes)) {
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
  positionAt({ span, offset }: Place): Promise<Position | null> {
    return this.files.lend(span, (segment) => segment?.positionAt(offset) ?? null);
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
    if (this.layout.begins !== null) {
      return this.recordStart({ ...place, offset: Math.max(span.start, place.offset - Math.min(bytes, budget)) });
    }
    return this.files.lend(place.span, async (segment) => {
      const room = { count, floor: span.start, budget };
      return { ...place, offset: segment === null ? span.start : await linesBack(segment, place.offset, room) };
    });
  }

  /** The last place at or before this one that is between two records. */
  async recordStart(place: Place): Promise<Place> {
    const { start, end } = await this.settled(place.span);
    return this.files.lend(place.span, async (segment) => {
      if (segment === null) return { ...place, offset: start };
      const line = Math.max(start, await lineStart(segment, place.offset));
      const before = () => lineBefore(this, place.span);
      const found = await recordStartIn(segment, { line, start, end }, this.layout, before);
      return found === null ? this.#recordBefore({ ...place, offset: line }) : { ...place, offset: found };
    });
  }

  /** Where the record begins that a line belongs to in whose file, up to it, none begins. */
  async #recordBefore(line: Place): Promise<Place> {
    const { start } = await this.settled(line.span);
    if (line.span === 0 || start > 0) return line;
    const before = await this.#endOf(line.span - 1);
    const begin = await this.recordStart(before);
    const isNear = (await this.distance(begin, line)) <= this.layout.maxRecordBytes;
    const isBefore = begin.span < before.span || begin.offset < before.offset;
    return isNear && isBefore ? begin : line;
  }

  async #endOf(index: number): Promise<Place> {
    return { span: index, offset: (await this.settled(index)).end };
  }

  /** How its entries are understood, by span. */
  readings({ detected, timezone }: { detected: Detected; timezone: string }): ReadingOf {
    const format = formatOf(detected.format, detected.layout);
    return (index) => ({ format, parse: { timezone, writtenBefore: this.#writtenBefore(index) } });
  }

  #writtenBefore(index: number): number {
    return this.spans[index]?.file.modifiedAt ?? Date.now();
  }

  /**
   * The last entry before a place that says when it happened, by its offset in the file of that place: negative in one of
   * those before. Null when none does as near as an entry there might have its time, `passed` bytes after the place.
   */
  timeBefore({ span, offset }: Place, readingOf: ReadingOf, passed = 0): Promise<TimedEntry | null> {
    return this.files.lend(span, async (segment) => {
      if (segment === null) return null;
      const reading = { ...readingOf(span), maxRecordBytes: this.layout.maxRecordBytes };
      const last = await timeBefore(segment, { start: 0, end: offset }, reading);
      return last ?? this.timeBeforeFile(span, readingOf, passed + offset);
    });
  }

  /** The same of the files before a span's, for an entry `passed` bytes after the beginning of that. */
  async timeBeforeFile(span: number, readingOf: ReadingOf, passed: number): Promise<TimedEntry | null> {
    if (passed >= mostUntimedBytes) return null;
    if (span === 0) return this.#timeBeforeAll(readingOf(span), passed);
    const end = await this.#endOf(span - 1);
    const last = await this.timeBefore(end, readingOf, passed);
    return last && { ...last, offset: last.offset - end.offset };
  }

  #timeBeforeAll({ format, parse }: Reading, passed: number): Promise<TimedEntry | null> | null {
    const spans = this.#preceding;
    if (spans.length === 0) return null;
    const before = new Passage(this.#chain, { spans, preceding: [] }, this.layout, 'bound');
    const readingOf: ReadingOf = (index) => ({
      format,
      parse: { ...parse, writtenBefore: before.#writtenBefore(index) },
    });
    return before.timeBeforeFile(spans.length, readingOf, passed);
  }

  /** Opens the file of a span; null when it may no longer be read. Whoever opens it closes it. */
  async open(index: number): Promise<Segment | null> {
    return this.#chain.openReadable((await this.settled(index)).file);
  }
}
