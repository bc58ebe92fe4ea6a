import { readSync, statSync } from 'node:fs';
import type { Position, RawRecord } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import { type Chain, indexOf } from './chain.ts';
import { fnv1a } from './hash.ts';
import { LineSplitter } from './line.ts';
import { lineStart } from './line-start.ts';
import { RefusedFileError } from './open.ts';
import type { Segment } from './segment.ts';
import type { DirectoryWatch } from './watch.ts';

/** Whether a log's file can be read, and if not, why, in words. */
export type FileState = { state: 'ACTIVE' } | { state: 'WAITING' | 'UNREADABLE'; reason: string };

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
    const segment = await this.#openLast();
    let head: Position | null = null;
    if (segment !== null) {
      const offset = await lineStart(segment, await segment.size());
      head = await segment.positionAt(offset);
      await this.#enter(segment, offset);
    }
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
        if (this.#phase === 'following')
          this.#options.events.failed({ doing: `follow ${this.#options.chain.path}`, error });
      })
      .finally(() => {
        this.#step = null;
        if (this.#again && this.#phase === 'following') this.#look();
      });
  }

  async #round(): Promise<void> {
    if (this.#segment === null) {
      const segment = await this.#openLast();
      if (segment === null) return this.#listen();
      if (this.#phase === 'stopped') return segment.close();
      await this.#enter(segment, 0);
    }
    for (;;) {
      if (this.#phase === 'stopped') return;
      const read = this.#read();
      if (read === 'rewritten') this.#restart();
      else if (read === 'more') await new Promise((resolve) => setImmediate(resolve));
      else if (!(this.#moved() && (await this.#moveOn()))) return;
    }
  }

  async #openLast(): Promise<Segment | null> {
    try {
      const segment = await this.#options.chain.openLast();
      this.#setState({ state: 'ACTIVE' });
      return segment;
    } catch (error) {
      this.#setState(stateOf(error));
      return null;
    }
  }

  async #enter(segment: Segment, offset: number): Promise<void> {
    const before = await segment.before(offset);
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
      const code = error instanceof Error && 'code' in error ? error.code : error;
      this.#setState({ state: 'UNREADABLE', reason: `Reading it fails (${code}).` });
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
    return statSync(location.path, { throwIfNoEntry: false })?.ino !== segment.inode;
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
    const next = index === -1 ? files.at(-1) : files.slice(index + 1).find((file) => file.size > 0);
    if (next === undefined || next.compressed || next.size === 0) {
      await this.#tellMissing();
      return false;
    }
    if (this.#read() === 'more') return true;
    const opened = await chain.open(next).catch(() => null);
    if (opened === null) return false;
    // What was written while the next file was opened, and a last line whose newline never came.
    this.#read();
    const last = this.#splitter?.flush() ?? [];
    if (last.length > 0) this.#sink.records(last);
    await this.#enter(opened, 0);
    await segment.close();
    this.#setState({ state: 'ACTIVE' });
    this.#rotated(opened, index === -1);
    return true;
  }

  async #tellMissing(): Promise<void> {
    const probe = await this.#openLast();
    await probe?.close();
    if (probe === null) this.#listen();
  }

  #rotated(segment: Segment, possibleLoss: boolean): void {
    const position = { segment: segment.identityAt(Number.POSITIVE_INFINITY), offset: 0, length: 0, marker: fnv1a([]) };
    this.#options.events.fileRotated({ sourceId: this.#options.sourceId, path: segment.path, possibleLoss });
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

/** What it means for a log that its file could not be opened. Throws what is no refusal. */
export function stateOf(error: unknown): FileState {
  if (!(error instanceof RefusedFileError)) throw error;
  return { state: error.refusal === 'MISSING' ? 'WAITING' : 'UNREADABLE', reason: error.message };
}

export function sameState(a: FileState | null, b: FileState | null): boolean {
  const reason = (state: FileState | null) => (state !== null && state.state !== 'ACTIVE' ? state.reason : null);
  return a?.state === b?.state && reason(a) === reason(b);
}
