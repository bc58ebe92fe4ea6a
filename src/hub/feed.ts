import { type Position, placeAfter, withLate } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import type { Rotation } from '../file/rotation.ts';
import type { FileState } from '../file/state.ts';
import type { Entry } from '../format/entry.ts';
import type { Portion } from './portion.ts';
import { Window, type WindowLimits } from './window.ts';

/**
 * What happens in a live log, in order. A reader that has seen the item goes on where the portion ends, or where the
 * rotated log does; `late` entries stand in a file before that one.
 */
export type FeedItem =
  | { kind: 'entries'; portion: Portion }
  | { kind: 'late'; entries: Entry[] }
  | ({ kind: 'rotated' } & Rotation)
  | { kind: 'state'; state: FileState };

/**
 * Starts to follow a log, publishing what happens from `head` on; null when there is no file yet. The head is that at
 * the start: what is published before the promise resolves comes after it.
 */
export type Follow = (publish: (item: FeedItem) => void) => Promise<Following & { head: Position | null }>;

export interface Following {
  /** Publishes what there is now, at least up to `known`; resolves when that is done. */
  look(known: Position | null): Promise<void>;
  stop(): Promise<void>;
}

/** One stretch of following: from the first reader's coming to the last one's going. */
class Run {
  readonly window: Window<FeedItem>;
  readonly readers = new Set<FeedReader>();
  readonly started: Promise<Following>;
  head: Position | null = null;
  /** Number of the last item with late entries. */
  lastLate = -1;
  /** Where each of the files ended that were left, oldest first. */
  readonly left: Position[] = [];
  /** The newest portions. */
  readonly #fresh: Portion[] = [];
  readonly #freshSize = { entries: 0, bytes: 0 };

  constructor(follow: Follow, limits: WindowLimits) {
    this.window = new Window(limits);
    this.started = follow((item) => this.#publish(item)).then((started) => {
      this.head ??= started.head;
      return started;
    });
  }

  #publish(item: FeedItem): void {
    if (item.kind === 'entries') this.#take(item.portion);
    else if (item.kind === 'rotated') this.#rotated(item);
    else if (item.kind === 'late') this.#late(item.entries);
    this.window.push(item, ...sizeOf(item));
    for (const reader of this.readers) reader.wake();
  }

  #take(portion: Portion): void {
    this.head = placeAfter(portion.position);
    const size = this.#freshSize;
    size.entries += portion.entries.length;
    size.bytes += portion.bytes;
    this.#fresh.push(portion);
    while (this.#fresh.length > 1 && (size.entries > mostFresh.entries || size.bytes > mostFresh.bytes)) {
      const oldest = this.#fresh.shift();
      if (oldest === undefined) break;
      oldest.forget();
      size.entries -= oldest.entries.length;
      size.bytes -= oldest.bytes;
    }
  }

  #late(entries: Entry[]): void {
    this.lastLate = this.window.end;
    const last = entries.at(-1);
    if (last !== undefined && this.head !== null) this.head = withLate(this.head, last.record.position);
  }

  #rotated({ from, to }: Rotation): void {
    if (from !== null) this.left.push(from);
    if (this.left.length > mostLeft) this.left.shift();
    this.head = to;
  }
}

/** Files whose end is remembered: so many rotations a reader may be behind and still be told exactly what it missed. */
const mostLeft = 100;

/** What readers that keep up have yet to take: two or three batches, as large as they are by default. */
const mostFresh = { entries: 500, bytes: 2 ** 20 };

/**
 * The live side of one log: one follower, however many readers, and none when nobody reads.
 *
 * Readers are not called with entries: they are woken, and take from the shared window at their own pace. A reader
 * that is slower than the window finds that it has lagged, and goes on from the files instead.
 */
export class Feed {
  readonly #follow: Follow;
  readonly #limits: WindowLimits;
  readonly #failed: EngineEvents['failed'];
  #run: Run | null = null;

  constructor(follow: Follow, limits: WindowLimits, events: EngineEvents) {
    this.#follow = follow;
    this.#limits = limits;
    this.#failed = (event) => events.failed(event);
  }

  /**
   * A reader of all that happens from its `rejoin` on; `wake` is called, synchronously, when there is more. Close it.
   *
   * @param known a place that it has come to already
   */
  async join(wake: () => void, known: Position | null = null): Promise<FeedReader> {
    this.#run ??= new Run(this.#follow, this.#limits);
    const run = this.#run;
    const reader = new FeedReader(run, wake, (self) => this.#leave(run, self));
    run.readers.add(reader);
    try {
      const following = await run.started;
      // So that whatever the reader was told elsewhere, such as a page's last cursor, stands before the head.
      await following.look(known);
      return reader;
    } catch (error) {
      this.#leave(run, reader);
      throw error;
    }
  }

  #leave(run: Run, reader: FeedReader): void {
    if (!run.readers.delete(reader) || run.readers.size > 0) return;
    if (this.#run === run) this.#run = null;
    run.started
      .then(({ stop }) => stop())
      .catch((error: unknown) => this.#failed({ doing: 'stop following a log', error }));
  }
}

/** One reader's place in a feed's window. */
export class FeedReader {
  readonly wake: () => void;
  readonly #run: Run;
  readonly #close: (self: FeedReader) => void;
  #next = 0;

  constructor(run: Run, wake: () => void, close: (self: FeedReader) => void) {
    this.#run = run;
    this.wake = wake;
    this.#close = close;
  }

  /**
   * Skips to what comes next, and returns where that will begin: everything before has been written already. Null
   * while there is no file.
   */
  rejoin(): Position | null {
    this.#next = this.#run.window.end;
    return this.#run.head;
  }

  /** How far each file was read that was followed, oldest first. */
  get passed(): Position[] {
    const { left, head } = this.#run;
    return head === null ? left : [...left, head];
  }

  /** Whether late entries went that it has not taken: nothing on disk tells that they are to be read. */
  get hasMissedLate(): boolean {
    return this.#run.lastLate >= this.#next;
  }

  /** The next item; null when there is none yet. */
  take(): FeedItem | 'lagged' | null {
    const { window } = this.#run;
    if (this.#next < window.first) return 'lagged';
    const item = window.at(this.#next);
    if (item === undefined) return null;
    this.#next++;
    return item;
  }

  /** Entries that it has not taken. */
  get waiting(): number {
    return this.#run.window.entriesFrom(this.#next);
  }

  close(): void {
    this.#close(this);
  }
}

function sizeOf(item: FeedItem): [entries: number, bytes: number] {
  // Anything counts, so that a log of which nothing but its state changes cannot fill the window.
  if (item.kind !== 'entries' && item.kind !== 'late') return [1, 0];
  const { entries } = item.kind === 'entries' ? item.portion : item;
  return [entries.length, entries.reduce((sum, entry) => sum + entry.record.raw.length, 0)];
}
