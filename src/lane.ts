import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, isPlaceInTime, isSameFile, isSamePlace, type Position, placeInTime } from './entry.ts';
import type { Rotation } from './file/rotation.ts';
import type { Entry } from './format/entry.ts';
import { beginningOfLog, PositionLostError } from './history/span.ts';
import type { FeedReader } from './hub/feed.ts';
import { Portion } from './hub/portion.ts';
import type { LagPolicy, LaneEvent, LaneOptions, LaneStart } from './lane-event.ts';
import { LaneQueue } from './lane-queue.ts';
import { type PageWithLate, pageWithLate } from './late.ts';
import { LookBack, type Passed, pageBytes } from './look-back.ts';
import { beginningOf, lossAfter } from './loss.ts';
import { Reading } from './reading.ts';
import { skippedBetween } from './skipped.ts';
import type { Log } from './source/log.ts';
import { Wanted } from './wanted.ts';

/** Entries read from disk at once while catching up. */
const pageSize = 500;

/** Time (ms) between two looks whether the follower has noticed that the log was emptied. */
const noticeMs = 5;

/**
 * One log's part in a tail. It is *catching up*, reading from its files up to where the feed begins, or *live*, taking
 * from the feed; a lane that lags catches up again, so history, resumption and slow readers are the same thing. One that
 * begins with the newest entries first *looks back* for where these begin.
 */
export class Lane {
  readonly log: Log;
  /** By what it hands out entries: one by one where they are put in order with those of other logs. */
  grain: 'entry' | 'portion' = 'entry';
  readonly #reader: FeedReader;
  readonly #onLag: LagPolicy;
  readonly #wanted: Wanted;
  /** Everything up to here was handed out or skipped. */
  position: Position;
  /** Where what is read from disk ends and the feed begins; null while there is no file, so nothing to read. */
  #head: Position | null;
  /** Whether the head can still be moved on to where the feed is by then: as long as nothing was read up to it. */
  #seam: 'open' | 'settled' = 'open';
  /** Up to where events were made ready; ahead of `position` while some wait in `#ready`. */
  #reading: Reading;
  /** Where it began in a log in which nothing stood. */
  readonly #emptyStart: Position | null;
  /** A head of which nothing can be read any more; and up to where it was told that all is gone. */
  #lostHead: Position | null = null;
  #toldTo: Position | null = null;
  readonly #ready = new LaneQueue();
  #state: 'catching-up' | 'live' = 'catching-up';
  /** Until it is known where it begins. */
  #lookBack: LookBack | null = null;
  #lagged = false;
  #time = Number.NEGATIVE_INFINITY;

  private constructor(log: Log, reader: FeedReader, onLag: LagPolicy, wanted: Wanted) {
    this.log = log;
    this.#reader = reader;
    this.#onLag = onLag;
    this.#wanted = wanted;
    this.#head = reader.rejoin();
    this.position = this.#head ?? placeInTime(Date.now());
    this.#reading = new Reading(this.position, 'read');
    this.#emptyStart = isPlaceInTime(this.position) ? this.position : null;
  }

  /** Joins the feed first and reads history up to there: that is the seam, and nothing falls into it. */
  static async open(log: Log, { start, onLag, sought, wake }: LaneOptions): Promise<Lane> {
    const reader = await log.feed.join(wake, start.kind === 'after' ? start.position : null);
    const lane = new Lane(log, reader, onLag, new Wanted(sought));
    try {
      await lane.#begin(start);
      return lane;
    } catch (error) {
      lane.close();
      throw error;
    }
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** What it has passed on its way back, once it has come as far as it may have to; null otherwise. */
  get passed(): readonly Passed[] | null {
    return this.#lookBack?.isDone ? this.#lookBack.passed : null;
  }

  /** Entries that can be had without reading from disk. */
  get waiting(): number {
    return this.#ready.entries + (this.isLive ? this.#reader.waiting : 0);
  }

  /** When the next event happened (ms since 1970), for merging; an entry without a time takes that of the one before. */
  get time(): number {
    const event = this.peek();
    if (event?.kind !== 'entries') return Number.NEGATIVE_INFINITY;
    this.#time = event.portion.entries[0]?.parsed.timestamp ?? this.#time;
    return this.#time;
  }

  /** Whether it fell out of the feed's window: call `recover`. */
  get lagged(): boolean {
    return this.#lagged;
  }

  /** The next event, without taking it; null when none is ready. */
  peek(): LaneEvent | null {
    if (this.#ready.isEmpty && this.isLive) {
      this.#takeLive();
      this.#settle();
    }
    if (this.grain === 'entry') this.#ready.part();
    return this.#ready.peek();
  }

  /** Bytes looked at since this was last asked. */
  takeScannedBytes(): number {
    return this.#wanted.takeScannedBytes();
  }

  /** Takes the event that `peek` showed. */
  shift(): void {
    const event = this.#ready.shift();
    if (event?.kind === 'entries') this.position = event.portion.position;
    else if (event?.kind === 'rotated') this.position = event.position;
    else if (event?.kind === 'gap') this.position = event.to;
  }

  /** Whether these entries come next. */
  isNext(portion: Portion): boolean {
    const event = this.#ready.peek();
    return event?.kind === 'entries' && event.portion === portion;
  }

  /** The next event; of entries at most so many, and the others come next. */
  peekAt(most: number): LaneEvent | null {
    this.peek();
    this.#ready.split(most);
    return this.#ready.peek();
  }

  /** Reads the next stretch from disk. Call as long as it is not live and nothing is ready. */
  async catchUp(): Promise<void> {
    if (this.#lookBack === null) await this.#readOn();
    else if (!this.#lookBack.isDone) await this.#readBack(this.#lookBack);
  }

  /** Begins after what it has passed on its way back, but for so many of the oldest. */
  beginAfter(omitted: number): void {
    this.position = this.#lookBack?.placeAfter(omitted) ?? this.#reading.place;
    this.#reading = new Reading(this.position, 'read');
    this.#lookBack = null;
  }

  async #readOn(): Promise<void> {
    // No file at first, or nothing in it: whatever came since is on disk, or will be told.
    if (this.#head === null || (this.#bound === null && this.#seam === 'open')) this.#rejoin();
    const request = {
      after: this.#reading.place,
      before: this.#bound,
      take: { first: pageSize },
      sought: this.#wanted.sought,
    };
    try {
      const page = await pageWithLate(this.log, request, { scanBytesPerPage: pageBytes });
      this.#seam = 'settled';
      await this.#addPage(page);
      this.#reading.goOn(this.#reading.placeAt(page.end, page.end));
      this.#wanted.scanned(page.scan.scannedBytes);
      this.#settle();
      if (!page.scan.complete || page.entries.length === pageSize) return;
      await this.#wanted.beginAfter(this.log, this.#bound);
      this.#state = 'live';
      this.#goLive();
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error;
      if (error.position === this.#head) await this.#replaceHead(error.position);
      else await this.#skipLost();
    }
  }

  /** The head, as what is read from disk ends there. In an empty file it bounds nothing: places tell apart what comes. */
  get #bound(): Position | null {
    return this.#head !== null && isPlaceInTime(this.#head) ? null : this.#head;
  }

  /** All was read from disk. Also when there was nothing more: what comes next is new, whatever looks like it. */
  #goLive(): void {
    const lost = this.#lostHead;
    if (lost !== null && endOf(lost) > 0) {
      const skippedBytes = endOf(lost);
      const reason = this.log.reasonOf('LOST_SEGMENT', lost);
      this.#ready.push({ kind: 'gap', from: this.#reading.place, to: lost, skippedBytes, reason });
    }
    const head = lost ?? this.#head;
    if (head !== null && isSamePlace(head, this.#reading.place)) this.#reading.settle(head);
    // Not back: a cursor may stand after a record that is still held for those who are live.
    if (head !== null && !isPlaceInTime(head) && !this.#reading.reaches(head)) this.#reading.goOn(head);
    this.#lostHead = null;
  }

  /**
   * The head is in a file that no name leads to any more, and that the follower has not left: what can be read from
   * disk ends where the log will go on, and what stands before the head in that file is gone.
   */
  async #replaceHead(lost: Position): Promise<void> {
    this.#rejoin();
    if (this.#head !== lost) return;
    const { to, reason } = await lossAfter(this.log.chain, lost, [], 'read');
    if (reason === 'TRUNCATED' && isPlaceInTime(to)) {
      // Emptied just now, and nothing is written yet: what will be comes live, as soon as the follower has noticed.
      await sleep(noticeMs);
      return;
    }
    if (this.#toldTo !== lost) this.#lostHead = lost;
    this.#head = to;
    this.#seam = 'settled';
  }

  /** A lane that fell out of the feed's window: what its policy says. */
  async recover(): Promise<void> {
    // In a log that was empty it stood nowhere; by now it is known which file came.
    const first = this.#reader.passed.find((end) => !isPlaceInTime(end));
    if (this.#reading.place === this.#emptyStart && first) this.#reading.settle(beginningOf(first));
    this.#rejoin();
    const from = this.#reading.place;
    this.#lagged = false;
    if (this.#onLag === 'PAUSE' || this.#head === null) this.#state = 'catching-up';
    else if (this.#onLag === 'DISCONNECT') this.#ready.push({ kind: 'ended' });
    else {
      const to = this.#head;
      const skipped = await skippedBetween(this.log, from, to, {
        passed: this.#reader.passed,
        origin: this.#reading.origin,
      });
      this.#ready.push({ kind: 'gap', from, to, ...skipped });
      this.#reading.goOn(to);
      await this.#wanted.beginAfter(this.log, to);
    }
  }

  close(): void {
    this.#reader.close();
  }

  /** Leaves what the feed has to what is read from disk, up to where the feed is by now. */
  #rejoin(): void {
    if (this.#reader.hasMissedLate)
      this.#ready.push({ kind: 'rotated', position: this.#reading.place, possibleLoss: true });
    this.#head = this.#reader.rejoin();
    this.#seam = 'open';
  }

  async #begin(start: LaneStart): Promise<void> {
    if (start.kind === 'now') {
      await this.#wanted.beginAfter(this.log, this.#bound);
      this.#state = 'live';
    } else if (start.kind === 'last') {
      this.#lookBack = new LookBack(start.count, this.#wanted.sought);
      await this.catchUp();
    } else {
      this.position = start.kind === 'after' ? start.position : await beginningOfLog(this.log.chain);
      this.#reading = new Reading(this.position, 'given');
    }
  }

  async #readBack(lookBack: LookBack): Promise<void> {
    try {
      this.#wanted.scanned(await lookBack.look(this.log, this.#bound));
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error;
      if (error.position === this.#head) await this.#replaceHead(error.position);
      else await lookBack.stop(this.log);
    }
    this.position = lookBack.place ?? this.position;
  }

  #takeLive(): void {
    for (let item = this.#reader.take(); item !== null; item = this.#reader.take()) {
      if (item === 'lagged') {
        this.#lagged = true;
        return;
      }
      if (item.kind === 'entries') {
        const place = this.#reading.furthest(item.portion.position);
        this.#add(place === item.portion.position ? item.portion : new Portion(item.portion.entries, place, 'stale'));
        this.#reading.goOn(place);
      } else if (item.kind === 'late') this.#addLate(item.entries);
      else if (item.kind === 'state') this.#ready.push(item);
      else this.#addRotation(item);
      if (!this.#ready.isEmpty) return;
    }
  }

  /** Leaves out what was read from disk already, when both sides of the seam have it. */
  #add(portion: Portion): void {
    const wanted = this.#wanted.of(this.#reading.unread(portion));
    if (wanted.entries.length > 0) this.#ready.push({ kind: 'entries', portion: wanted });
  }

  /** Leaves out what was read from disk: the files before were, by a lane that had them still to read. */
  #addLate(entries: Entry[]): void {
    for (const entry of entries) {
      const { position } = entry.record;
      if (this.#reading.hasLeft(position)) continue;
      const place = this.#reading.goOnLate(position);
      if (this.#wanted.has(entry)) this.#push(entry, place);
    }
  }

  /** Where one file follows on another that was only copied, something may be missing between them. */
  async #addPage({ entries, late, end }: PageWithLate): Promise<void> {
    const { chain } = this.log;
    const isFirst = ({ offset }: Position) => offset === 0 && !isPlaceInTime(this.#reading.place);
    const files = entries.some(({ record }) => record.position.offset === 0) ? await chain.list() : [];
    for (const entry of entries.slice(0, late)) this.#push(entry, this.#reading.goOnLate(entry.record.position));
    for (const entry of entries.slice(late)) {
      const { position } = entry.record;
      const file = isFirst(position) ? files.findIndex((one) => isSameFile(one, position.segment)) : -1;
      const before = files[file - 1];
      if (before !== undefined && chain.isCopy(files, before)) {
        this.#ready.push({ kind: 'rotated', position: beginningOf(position), possibleLoss: true });
      }
      const place = this.#reading.placeAt(position, end);
      this.#push(entry, place);
      this.#reading.goOn(place);
    }
  }

  #addRotation({ from, to, lostBytes, possibleLoss }: Rotation): void {
    // It could not be read before. A reader that has something to catch up with finds it there.
    if (from === null && !isPlaceInTime(this.#reading.place)) {
      this.#head = to;
      this.#state = 'catching-up';
      return;
    }
    if (lostBytes > 0) {
      const reason = this.log.reasonOf('TRUNCATED', from ?? this.#reading.place);
      this.#ready.push({ kind: 'gap', from: from ?? this.#reading.place, to, skippedBytes: lostBytes, reason });
    }
    this.#ready.push({ kind: 'rotated', position: to, possibleLoss });
    this.#reading.goOn(to);
  }

  /** Where nothing of what was looked at is wanted, that is done with; and readers at one place say so alike. */
  #settle(): void {
    if (!this.#ready.isEmpty || this.position === this.#reading.place) return;
    if (this.#wanted.sought !== null || isSamePlace(this.position, this.#reading.place))
      this.position = this.#reading.place;
  }

  #push(entry: Entry, position: Position): void {
    this.#ready.push({ kind: 'entries', portion: new Portion([entry], position, 'stale') });
  }

  /** The position to go on from is no longer in the log: says so, and goes on with what is left. */
  async #skipLost(): Promise<void> {
    const from = this.#reading.place;
    const { passed } = this.#reader;
    const { reach, ...loss } = await lossAfter(this.log.chain, from, passed, this.#reading.origin);
    // Nothing that was read; but the telling of the rotation may have gone with the window.
    if (loss.skippedBytes === 0 && reach !== 'unknown') {
      this.#ready.push({ kind: 'rotated', position: loss.to, possibleLoss: true });
    } else this.#ready.push({ kind: 'gap', from, ...loss, reason: this.log.reasonOf(loss.reason, from) });
    this.#reading.goOn(loss.to);
    if (reach === 'all') this.#toldTo = passed.at(-1) ?? null;
  }
}
