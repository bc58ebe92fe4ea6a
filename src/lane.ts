import type { Limits } from './config.ts';
import { beginning, type Position, reaches } from './entry.ts';
import { fnv1a } from './file/hash.ts';
import type { FileState } from './file/state.ts';
import type { Entry } from './format/entry.ts';
import { type Page, readPage } from './history/page.ts';
import { beginningOfCurrent, distance, PositionLostError } from './history/span.ts';
import type { FeedReader } from './hub/feed.ts';
import type { Log } from './source/log.ts';

/** What to do with a reader that is slower than the log: read on from disk, jump to now, or end. */
export type LagPolicy = 'PAUSE' | 'SKIP_WITH_GAP' | 'DISCONNECT';

/** What a lane has for its tail, in the order of the log. */
export type LaneEvent =
  | { kind: 'entry'; entry: Entry }
  | { kind: 'gap'; from: Position; to: Position; skippedBytes: number; reason: 'SLOW_CONSUMER' | 'CURSOR_EXPIRED' }
  | { kind: 'rotated'; position: Position; possibleLoss: boolean }
  | { kind: 'state'; state: FileState }
  | { kind: 'ended' };

/** Entries and bytes read from disk at once while catching up: what a lane holds in memory at most. */
const pageSize = 500;
const pageBytes = 4 * 1024 * 1024;

/**
 * One log's part in a tail. It is *catching up*, reading from its files up to where the feed begins, or *live*, taking
 * from the feed; a lane that lags catches up again, so history, resumption and slow readers are the same thing.
 */
export class Lane {
  readonly log: Log;
  readonly #reader: FeedReader;
  readonly #limits: Limits;
  readonly #onLag: LagPolicy;
  /** Everything up to here was handed out or skipped. */
  position: Position;
  /** Where what is read from disk ends and the feed begins; null while there is no file, so nothing to read. */
  #head: Position | null;
  /** Up to where events were made ready; ahead of `position` while some wait in `#ready`. */
  #read: Position;
  /** Events made ready, of which those before `#taken` were taken. */
  #ready: LaneEvent[] = [];
  #taken = 0;
  #catchingUp = true;
  #lagged = false;
  #time = Number.NEGATIVE_INFINITY;

  private constructor(log: Log, reader: FeedReader, limits: Limits, onLag: LagPolicy) {
    this.log = log;
    this.#reader = reader;
    this.#limits = limits;
    this.#onLag = onLag;
    this.#head = reader.rejoin();
    this.position = this.#head ?? beginning;
    this.#read = this.position;
  }

  /** Joins the feed first and reads history up to there: that is the seam, and nothing falls into it. */
  static async open(
    log: Log,
    { start, onLag, limits, wake }: { start: LaneStart; onLag: LagPolicy; limits: Limits; wake: () => void },
  ): Promise<Lane> {
    const lane = new Lane(log, await log.feed.join(wake), limits, onLag);
    try {
      await lane.#begin(start);
      return lane;
    } catch (error) {
      lane.close();
      throw error;
    }
  }

  get catchingUp(): boolean {
    return this.#catchingUp;
  }

  /** Entries that can be had without reading from disk. */
  get waiting(): number {
    return this.#ready.length - this.#taken + (this.#catchingUp ? 0 : this.#reader.waiting);
  }

  /** When the next event happened (ms since 1970), for merging; an entry without a time takes that of the one before. */
  get time(): number {
    const event = this.peek();
    if (event?.kind !== 'entry') return Number.NEGATIVE_INFINITY;
    this.#time = event.entry.parsed.timestamp ?? this.#time;
    return this.#time;
  }

  /** Whether it fell out of the feed's window: call `recover`. */
  get lagged(): boolean {
    return this.#lagged;
  }

  /** The next event, without taking it; null when none is ready. */
  peek(): LaneEvent | null {
    if (this.#taken === this.#ready.length && !this.#catchingUp) this.#takeLive();
    return this.#ready[this.#taken] ?? null;
  }

  /** Takes the event that `peek` showed. */
  shift(): void {
    const event = this.#ready[this.#taken++];
    if (this.#taken >= this.#ready.length) {
      this.#ready = [];
      this.#taken = 0;
    }
    if (event?.kind === 'entry') this.position = event.entry.record.position;
    else if (event?.kind === 'rotated') this.position = event.position;
    else if (event?.kind === 'gap') this.position = event.to;
  }

  /** Reads the next stretch from disk. Call while catching up and nothing is ready. */
  async catchUp(): Promise<void> {
    const request = { after: this.#read, before: this.#head, take: { first: pageSize } };
    try {
      const page = await readPage(this.log.chain, request, { ...this.#limits, scanBytesPerPage: pageBytes });
      this.#add(this.log.entries(page.records));
      this.#read = page.end;
      this.#catchingUp = !page.scan.complete || page.records.length === pageSize;
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error;
      if (error.position === this.#head) await this.#replaceHead();
      else await this.#skipLost();
    }
  }

  /**
   * The head is in a file that no name leads to any more. If the follower has not left it yet, it will go on to the
   * file that is written to, from its beginning: what can be read from disk ends there.
   */
  async #replaceHead(): Promise<void> {
    const lost = this.#head;
    const head = this.#reader.rejoin();
    this.#head = head === lost ? await beginningOfCurrent(this.log.chain) : head;
  }

  /** A lane that fell out of the feed's window: what its policy says. */
  async recover(): Promise<void> {
    const from = this.#read;
    this.#lagged = false;
    this.#head = this.#reader.rejoin();
    if (this.#onLag === 'PAUSE' || this.#head === null) this.#catchingUp = true;
    else if (this.#onLag === 'DISCONNECT') this.#ready.push({ kind: 'ended' });
    else {
      const to = this.#head;
      const skippedBytes = await distance(this.log.chain, from, to);
      this.#ready.push({ kind: 'gap', from, to, skippedBytes, reason: 'SLOW_CONSUMER' });
      this.#read = to;
    }
  }

  close(): void {
    this.#reader.close();
  }

  async #begin(start: LaneStart): Promise<void> {
    await this.log.format();
    if (start.kind === 'now') this.#catchingUp = false;
    else if (start.kind === 'after') {
      this.position = start.position;
      this.#read = start.position;
    } else await this.#readLast(start.count);
  }

  /** The newest entries before the feed begins. One more is read, to know the place before them. */
  async #readLast(count: number): Promise<void> {
    this.#catchingUp = false;
    if (this.#head === null || count === 0) return;
    const { records, start } = await this.#newest(count + 1);
    const entries = this.log.entries(records);
    const [first] = entries;
    if (first === undefined) return;
    this.position = entries.length > count ? first.record.position : placeOfStart(start);
    this.#read = this.position;
    this.#add(entries);
    this.#read = this.#head ?? this.position;
  }

  async #newest(count: number): Promise<Page> {
    const request = () => ({ after: null, before: this.#head, take: { last: count } });
    const limits = { ...this.#limits, scanBytesPerPage: pageBytes };
    try {
      return await readPage(this.log.chain, request(), limits);
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error;
      await this.#replaceHead();
      return readPage(this.log.chain, request(), limits);
    }
  }

  #takeLive(): void {
    for (let item = this.#reader.take(); item !== null; item = this.#reader.take()) {
      if (item === 'lagged') {
        this.#lagged = true;
        return;
      }
      if (item.kind === 'entries') this.#add(item.entries);
      else this.#ready.push(item);
      if (item.kind !== 'state') this.#read = item.position;
      if (this.#ready.length > 0) return;
    }
  }

  /** Leaves out what was read from disk already, when both sides of the seam have it. */
  #add(entries: Entry[]): void {
    for (const entry of entries) {
      if (!reaches(entry.record.position, this.#read)) this.#ready.push({ kind: 'entry', entry });
    }
  }

  /** The position to go on from is no longer in the log: says so, and goes on with the oldest there is. */
  async #skipLost(): Promise<void> {
    const from = this.#read;
    const oldest = await readPage(this.log.chain, { after: null, before: null, take: { first: 1 } }, this.#limits);
    const to = placeOfStart(oldest.start);
    this.#ready.push({ kind: 'gap', from, to, skippedBytes: 0, reason: 'CURSOR_EXPIRED' });
    this.#read = to;
  }
}

/** Where a lane begins. */
export type LaneStart = { kind: 'now' } | { kind: 'after'; position: Position } | { kind: 'last'; count: number };

/** The place before the first entry of a log: the beginning of its file. */
const placeOfStart = (position: Position): Position => ({ ...position, offset: 0, length: 0, marker: fnv1a([]) });
