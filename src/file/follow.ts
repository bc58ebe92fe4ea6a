import { isSameFile, type Position, type RawRecord } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import { type Chain, ChainMovedError } from './chain.ts';
import { openCurrent } from './current.ts';
import { GrowingFile, type ReadOutcome } from './growing.ts';
import { isYoung, Leaving } from './leaving.ts';
import { lineStart } from './line-start.ts';
import { RefusedFileError } from './open.ts';
import { type Rotation, together, type Untold } from './rotation.ts';
import type { Segment } from './segment.ts';
import { type FileState, sameState, stateOf } from './state.ts';
import { copyOf, firstCopyOf, isWrittenTo, nextAfter, precedingOf } from './successor.ts';
import type { DirectoryWatch } from './watch.ts';

/** What a follower tells, in the order in which it happened. Called synchronously. */
export interface FollowSink {
  records(records: RawRecord[]): void;
  /** Records that a late writer added to the old file after the log had gone on in the new one. */
  late(records: RawRecord[]): void;
  rotated(rotation: Rotation): void;
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

/**
 * Follows one log: gives out every line written after `start`, once, over rotations.
 *
 * Polling is the truth and `fs.watch` a hint. A hint reads at once and synchronously, from the page cache: that is
 * what makes an appended line arrive within a fraction of a millisecond.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #sink: FollowSink;
  #file: GrowingFile | null = null;
  /** The file that was left for that one; null when that one was emptied since. */
  #before: GrowingFile | null = null;
  /** Told before the file's first record: until then too little stands in it to know it again. */
  #rotation: Untold | null = null;
  readonly #leaving = new Leaving((records) => this.#sink.late(records));
  #state: FileState | null = null;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => {};
  #step: Promise<void> | null = null;
  #again = false;
  /** A place that a reader has come to: the file that it is in is not waited with. */
  #known: Position | null = null;
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
    const { chain, pollIntervalMs, sourceId } = this.#options;
    this.#listen();
    const segment = await openCurrent(chain, (state) => this.#setState(state));
    const head = segment && (await this.#enterAtEnd(segment));
    if (segment !== null) await this.#lookBack(segment);
    this.#timer = setInterval(() => this.#look(), pollIntervalMs);
    this.#timer.unref();
    this.#phase = 'following';
    // What was written since the size was taken came without a hint.
    this.#look();
    this.#options.events.fileOpened({ sourceId, path: chain.path, offset: head?.offset ?? 0 });
    return head;
  }

  /**
   * Gives out what there is now; resolves when that is done. Up to `known`, that is also what stands in a new file while
   * the old one is written to: whoever has been given it must find it before what comes next.
   */
  async look(known: Position | null = null): Promise<void> {
    this.#known = known;
    this.#look();
    await this.#step;
    // The one that was under way may have looked sooner.
    await this.#step;
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    clearInterval(this.#timer);
    this.#unlisten();
    await this.#step;
    await this.#leaving.close();
    await this.#file?.segment.close();
    this.#file = null;
    this.#options.events.fileClosed({ sourceId: this.#options.sourceId, path: this.#options.chain.path });
  }

  #listen(): void {
    this.#unlisten();
    const { watch, chain } = this.#options;
    this.#unlisten = watch.listen(chain.directory, (event, name) => {
      if (this.#phase !== 'following' || (name !== null && !chain.concerns(name))) return;
      if (this.#read() !== 'end' || event === 'rename' || this.#leaving.isUnderWay) this.#look();
    });
  }

  /** Up to where the file before was read, as long as something may still be written to it; null otherwise. */
  get left(): Position | null {
    return this.#before !== null && this.#leaving.looksAt(this.#before) ? this.#before.position : null;
  }

  /** In the file before a young one writers may still go on. */
  async #lookBack(current: Segment): Promise<void> {
    if (!isYoung(current)) return;
    const segment = await precedingOf(this.#options.chain, current);
    if (segment === null) return;
    try {
      const end = await lineStart(segment, await segment.size());
      await this.#leave(await GrowingFile.at(segment, end, this.#options.maxRecordBytes));
    } catch (error) {
      await segment.close();
      throw error;
    }
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
    if (this.#file === null) {
      const arrival = this.#state?.state === 'UNREADABLE' ? 'readable again' : 'new';
      const segment = await openCurrent(this.#options.chain, (state) => this.#setState(state));
      if (segment === null) return this.#listen();
      if (this.#phase === 'stopped') return segment.close();
      if (arrival === 'new') this.#enter(await GrowingFile.at(segment, 0, this.#options.maxRecordBytes), null);
      else this.#tellRotation({ from: null, to: await this.#enterAtEnd(segment), lostBytes: 0, possibleLoss: true });
    }
    for (;;) {
      if (this.#phase === 'stopped') return;
      const read = this.#read();
      if (read === 'emptied') await this.#goOnWhereItWasCopied();
      else if (read === 'begun') await this.#begin();
      else if (read === 'more') await new Promise((resolve) => setImmediate(resolve));
      else if (this.#options.chain.isWhole) {
        this.#file?.finish(this.#give);
        break;
      } else if (this.#file !== null && isWrittenTo(this.#options.chain, this.#file.segment)) {
        this.#leaving.stay();
        break;
      } else if (!(await this.#moveOn())) break;
    }
    await this.#leaving.look();
  }

  /** Enters a file after its last line that is whole, and says where that is. */
  async #enterAtEnd(segment: Segment): Promise<Position> {
    try {
      const size = await segment.size();
      const offset = this.#options.chain.isWhole ? size : await lineStart(segment, size);
      const file = await GrowingFile.at(segment, offset, this.#options.maxRecordBytes);
      this.#enter(file, null);
      return file.position;
    } catch (error) {
      await segment.close();
      throw error;
    }
  }

  /** Synchronous: a hint must not find one file with what belongs to the other. */
  #enter(file: GrowingFile, rotation: Untold | null): void {
    this.#file = file;
    // One after the other, when nothing came between them.
    this.#rotation = this.#rotation && rotation ? together(this.#rotation, rotation) : (this.#rotation ?? rotation);
    // One that was left before goes on where it was left, which is known.
    if (this.#rotation !== null && file.position.offset > 0) this.#tellPending(this.#rotation, file.position);
  }

  /** Gives out what was appended; called by hints too, so it must not throw. */
  #read(): ReadOutcome {
    if (this.#file === null) return 'end';
    try {
      const outcome = this.#file.read(this.#give);
      if (this.#health === 'failing') this.#setState({ state: 'ACTIVE' });
      this.#health = 'good';
      return outcome;
    } catch (error) {
      // A disk or network file system that fails may recover: the next poll tries again, from the same place.
      this.#health = 'failing';
      this.#setState(stateOf(error));
      return 'end';
    }
  }

  readonly #give = (records: RawRecord[]): void => {
    if (this.#rotation !== null && this.#file !== null) this.#tellPending(this.#rotation, this.#file.segment.beginning);
    this.#sink.records(records);
  };

  /** Something stands in a file that was empty. It may be all there was, or what came after that was copied. */
  async #begin(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    const beginning = file.segment.beginningForNow;
    const copy = await firstCopyOf(this.#options.chain, file);
    // Not sooner: a hint reads it as soon as it has begun.
    if (copy === null) return file.begin(beginning);
    this.#enter(await GrowingFile.at(copy, 0, this.#options.maxRecordBytes), null);
    await file.segment.close();
  }

  /**
   * The file was emptied. Whoever did that may have copied it before (logrotate's copytruncate): then the log goes on
   * in the copy, from the same place, and after it in the file. Else what was not yet read is gone.
   */
  async #goOnWhereItWasCopied(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    const { segment, position } = file;
    const copy = await copyOf(this.#options.chain, segment, file);
    if (copy !== null) {
      this.#enter(await GrowingFile.at(copy, position.offset, this.#options.maxRecordBytes), null);
      return segment.close();
    }
    file.finish(this.#give);
    const rotation = { from: file.position, lostBytes: file.unread, possibleLoss: true };
    segment.forget();
    this.#before = null;
    this.#enter(await GrowingFile.at(segment, 0, this.#options.maxRecordBytes), rotation);
  }

  /**
   * Goes on to the next file of the chain, once something stands in it and the old one has come to rest. The old one
   * is read to its end first, and looked at for a while afterwards. Returns false when it is not yet time.
   */
  async #moveOn(): Promise<boolean> {
    const { chain } = this.#options;
    const file = this.#file;
    if (file === null) return false;
    const next = await nextAfter(chain, file);
    const gone = chain.location.kind !== 'daily' || next ? this.#leaving.sees(file, next?.file ?? null) : 'nothing';
    if (next === null) {
      await this.#tellMissing();
      return false;
    }
    if (this.#read() !== 'end') return true;
    const isKnown = this.#known !== null && isSameFile(next.file, this.#known.segment);
    if (!this.#leaving.mayLeave(file) && !isKnown) return false;
    const opened = await chain.openReadable(next.file);
    if (opened === null) {
      await this.#tellMissing();
      return false;
    }
    const growing = await GrowingFile.at(opened, await this.#leaving.placeIn(opened), this.#options.maxRecordBytes);
    // Much was written while the next file was opened; or that was copied and emptied, and the copy comes first.
    const still = await nextAfter(chain, file).catch(async (error: unknown) => {
      await opened.close();
      throw error;
    });
    if (this.#read() !== 'end' || still?.file.inode !== opened.inode) return opened.close().then(() => true);
    const possibleLoss = next.order !== 'known' || gone === 'something';
    // A last line whose newline never came.
    file.finish(this.#give);
    // All at once: a hint that read the new file before it was told of would be told of too early.
    this.#setState({ state: 'ACTIVE' });
    const left = this.#leave(file);
    this.#enter(growing, { from: file.position, lostBytes: 0, possibleLoss });
    this.#read();
    if (next.order === 'guessed') this.#listen();
    await left;
    return true;
  }

  #leave(file: GrowingFile): Promise<void> {
    this.#before = file;
    return this.#leaving.leave(file);
  }

  async #tellMissing(): Promise<void> {
    const state = await this.#options.chain.check().then((): FileState => ({ state: 'ACTIVE' }), stateOf);
    this.#setState(state);
    if (state.state !== 'ACTIVE') this.#listen();
  }

  #tellPending(rotation: Untold, to: Position): void {
    this.#rotation = null;
    this.#tellRotation({ ...rotation, to });
  }

  #tellRotation(rotation: Rotation): void {
    const { sourceId, chain } = this.#options;
    this.#options.events.fileRotated({ sourceId, path: chain.path, possibleLoss: rotation.possibleLoss });
    this.#sink.rotated(rotation);
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
