import { readSync, statSync } from 'node:fs';
import type { Position, RawRecord } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import { type Chain, ChainMovedError, currentIndex, indexOf, writtenSince } from './chain.ts';
import { fnv1a } from './hash.ts';
import { LineSplitter } from './line.ts';
import { lineStart } from './line-start.ts';
import { RefusedFileError } from './open.ts';
import type { Segment } from './segment.ts';
import { type FileState, sameState, stateOf } from './state.ts';
import type { DirectoryWatch } from './watch.ts';

/** What a follower tells, in the order in which it happened. Called synchronously. */
export interface FollowSink {
  records(records: RawRecord[]): void;
  /** The log goes on at `position`, in another file or in the same one emptied. */
  rotated(position: Position, possibleLoss: boolean): void;
  state(state: FileState): void;
}

export interface FollowOptions {
  sourceId: string;
  chain: Chain;
  watch: DirectoryWatch;
  events: EngineEvents;
  /** Longest record kept whole, in bytes. */
  maxRecordBytes: number;
  /** How often to look when no hint comes, in ms. */
  pollIntervalMs: number;
}

/** Bytes one file may be read before others get their turn, so that a busy file cannot starve a quiet one. */
const roundBytes = 1 << 20;

/**
 * Follows one log: gives out every line written after `start`, once, over rotations.
 *
 * Polling is the truth and `fs.watch` a hint. A hint reads at once and synchronously, from the page cache: that is
 * what makes an appended line arrive within a fraction of a millisecond.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #sink: FollowSink;
  readonly #buffer = Buffer.allocUnsafe(256 * 1024);
  #segment: Segment | null = null;
  #splitter: LineSplitter | null = null;
  #state: FileState | null = null;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => {};
  #step: Promise<void> | null = null;
  #again = false;
  #health: 'good' | 'failing' = 'good';
  /** While it starts, hints are ignored: it looks when it has begun. */
  #phase: 'starting' | 'following' | 'stopped' = 'starting';

  constructor(options: FollowOptions, sink: FollowSink) {
    this.#options = options;
    this.#sink = sink;
  }

  /**
   * Begins after the last whole line there is now, and resolves to that place; to null when there is no file yet:
   * then everything that comes is new.
   */
  async start(): Promise<Position | null> {
    const { chain, pollIntervalMs } = this.#options;
    this.#listen();
    const segment = await this.#openCurrent();
    let head: Position | null = null;
    if (segment !== null) head = await this.#enterAtEnd(segment);
    this.#timer = setInterval(() => this.#look(), pollIntervalMs);
    this.#timer.unref();
    this.#phase = 'following';
    // What was written since the size was taken came without a hint.
    this.#look();
    this.#options.events.fileOpened({
      sourceId: this.#options.sourceId,
      path: chain.path,
      offset: head?.offset ?? 0,
    });
    return head;
  }

  /** Gives out what there is now; resolves when that is done. */
  async look(): Promise<void> {
    this.#look();
    await this.#step;
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    clearInterval(this.#timer);
    this.#unlisten();
    await this.#step;
    await this.#segment?.close();
    this.#segment = null;
    this.#options.events.fileClosed({ sourceId: this.#options.sourceId, path: this.#options.chain.path });
  }

  #listen(): void {
    this.#unlisten();
    const { watch, chain } = this.#options;
    this.#unlisten = watch.listen(chain.directory, (event, name) => {
      if (this.#phase !== 'following' || (name !== null && !chain.concerns(name))) return;
      if (this.#read() !== 'end' || event === 'rename') this.#look();
    });
  }

  /** One round at a time; a look that is asked for during one is taken right after it. */
  #look(): void {
    if (this.#step !== null) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#step = this.#round()
      .catch((error: unknown) => {
        // Rotated while it was looked at: the next poll sees more.
        if (error instanceof ChainMovedError || this.#phase !== 'following') return;
        if (error instanceof RefusedFileError) this.#setState(stateOf(error));
        else this.#options.events.failed({ doing: `follow ${this.#options.chain.path}`, error });
      })
      .finally(() => {
        this.#step = null;
        if (this.#again && this.#phase === 'following') this.#look();
      });
  }

  async #round(): Promise<void> {
    if (this.#segment === null) {
      const arrival = this.#state?.state === 'UNREADABLE' ? 'readable again' : 'new';
      const segment = await this.#openCurrent();
      if (segment === null) return this.#listen();
      if (this.#phase === 'stopped') return segment.close();
      if (arrival === 'new') this.#enter(segment, 0, Buffer.alloc(0));
      else this.#tellRotated(await this.#enterAtEnd(segment), true);
    }
    for (;;) {
      if (this.#phase === 'stopped') return;
      const read = this.#read();
      if (read === 'rewritten') this.#restart();
      else if (read === 'more') await new Promise((resolve) => setImmediate(resolve));
      else if (!(this.#moved() && (await this.#moveOn()))) return;
    }
  }

  /** Opens the file that is written to; tells when there is none that may be read. */
  async #openCurrent(): Promise<Segment | null> {
    const { chain } = this.#options;
    try {
      const named = await chain.openLast().catch((error: unknown) => {
        this.#setState(stateOf(error));
        return null;
      });
      if (named !== null) this.#setState({ state: 'ACTIVE' });
      if (named !== null && (await named.size()) > 0) return named;
      // Just rotated: the writer may not have opened the new file yet, and go on in the old one.
      const files = await chain.list();
      const file = files[currentIndex(files)];
      if (file === undefined || file.compressed || file.inode === named?.inode) return named;
      await named?.close();
      const segment = await chain.open(file);
      // It came into being between the two looks.
      if (named === null && file === files.at(-1)) this.#setState({ state: 'ACTIVE' });
      return segment;
    } catch (error) {
      // Rotated once more while looking; the next poll looks again.
      if (error instanceof ChainMovedError) return null;
      this.#setState(stateOf(error));
      return null;
    }
  }

  /** Enters a file after its last whole line, and says where that is. */
  async #enterAtEnd(segment: Segment): Promise<Position> {
    try {
      const offset = await lineStart(segment, await segment.size());
      const head = await segment.positionAt(offset);
      this.#enter(segment, offset, await segment.before(offset));
      return head;
    } catch (error) {
      await segment.close();
      throw error;
    }
  }

  /** Synchronous: a hint must not find one file with the other's place in it. */
  #enter(segment: Segment, offset: number, before: Buffer): void {
    this.#segment = segment;
    this.#splitter = this.#splitAt(segment, offset, before);
  }

  #splitAt(segment: Segment, offset: number, before: Buffer): LineSplitter {
    return new LineSplitter({
      offset,
      before,
      maxBytes: this.#options.maxRecordBytes,
      segment: (end) => segment.identityAt(end),
    });
  }

  /** Gives out what was appended; called by hints too, so it must not throw. */
  #read(): 'end' | 'more' | 'rewritten' {
    if (this.#segment === null || this.#splitter === null) return 'end';
    try {
      const result = this.#readOn(this.#segment, this.#splitter);
      if (this.#health === 'failing') this.#setState({ state: 'ACTIVE' });
      this.#health = 'good';
      return result;
    } catch (error) {
      // A disk or network file system that fails may recover: the next poll tries again, from the same place.
      this.#health = 'failing';
      this.#setState(stateOf(error));
      return 'end';
    }
  }

  /** Reads a little of what it has seen again, in the same call, to notice that the file was written anew. */
  #readOn(segment: Segment, splitter: LineSplitter): 'end' | 'more' | 'rewritten' {
    let total = 0;
    while (total < roundBytes) {
      const { before } = splitter;
      const seen = before.length;
      const count = readSync(segment.fd, this.#buffer, 0, this.#buffer.length, splitter.readOffset - seen);
      if (count < seen || this.#buffer.compare(before, 0, seen, 0, seen) !== 0) return 'rewritten';
      if (count === seen) return 'end';
      const bytes = this.#buffer.subarray(seen, count);
      const records = splitter.push(bytes);
      if (records.length > 0) this.#sink.records(records);
      if (count < this.#buffer.length) return 'end';
      total += bytes.length;
    }
    return 'more';
  }

  /** The file was emptied and maybe written again: what stands in it now is new. */
  #restart(): void {
    const segment = this.#segment;
    if (segment === null) return;
    segment.forget();
    this.#splitter = this.#splitAt(segment, 0, Buffer.alloc(0));
    this.#rotated(segment, true);
  }

  /** Whether the name that is written to no longer leads to the open file. */
  #moved(): boolean {
    const segment = this.#segment;
    const { location } = this.#options.chain;
    if (segment === null || location.kind === 'daily') return true;
    try {
      return statSync(location.path).ino !== segment.inode;
    } catch {
      return true;
    }
  }

  /**
   * Goes on to the next file of the chain, once something stands in it: until then the writer may still hold the old
   * one open. The old file is read to its end first. Returns false when there is nothing to go on to.
   */
  async #moveOn(): Promise<boolean> {
    const { chain } = this.#options;
    const segment = this.#segment;
    if (segment === null) return false;
    const files = await chain.list();
    const index = indexOf(files, segment.inode);
    const later = index === -1 ? writtenSince(files, await segment.modifiedAt()) : files.slice(index + 1);
    const next = later.find((file) => file.size > 0 && !file.compressed);
    if (next === undefined) {
      await this.#tellMissing();
      return false;
    }
    if (this.#read() === 'more') return true;
    const opened = await chain.openReadable(next);
    if (opened === null) return false;
    // What was written while the next file was opened, and a last line whose newline never came.
    this.#read();
    const last = this.#splitter?.flush() ?? [];
    if (last.length > 0) this.#sink.records(last);
    // All at once: a hint that read the new file before it was told of would be told of too early.
    this.#enter(opened, 0, Buffer.alloc(0));
    this.#setState({ state: 'ACTIVE' });
    this.#rotated(opened, index === -1);
    await segment.close();
    if (index === -1) this.#listen();
    return true;
  }

  async #tellMissing(): Promise<void> {
    try {
      await (await this.#options.chain.openLast()).close();
      this.#setState({ state: 'ACTIVE' });
    } catch (error) {
      this.#setState(stateOf(error));
      this.#listen();
    }
  }

  #rotated(segment: Segment, possibleLoss: boolean): void {
    const identity = segment.identityAt(Number.POSITIVE_INFINITY);
    this.#tellRotated({ segment: identity, offset: 0, length: 0, marker: fnv1a([]) }, possibleLoss);
  }

  #tellRotated(position: Position, possibleLoss: boolean): void {
    const { sourceId, chain } = this.#options;
    this.#options.events.fileRotated({ sourceId, path: chain.path, possibleLoss });
    this.#sink.rotated(position, possibleLoss);
  }

  #setState(state: FileState): void {
    if (sameState(this.#state, state)) return;
    this.#state = state;
    if (state.state === 'UNREADABLE') {
      const { sourceId, chain } = this.#options;
      this.#options.events.fileUnreadable({ sourceId, path: chain.path, reason: state.reason });
    }
    this.#sink.state(state);
  }
}
