import { type FileIdentity, isSameFile, type Position, type RawRecord } from '../entry.ts';
import type { GrowingFile } from './growing.ts';
import type { ChainFile } from './listing.ts';
import type { Segment } from './segment.ts';

/** Time (ms) without a write after which an old file counts as left by its writers. */
const quietMs = 50;

/** Longest time (ms) to wait for that once there is a new file: what stands in it is meanwhile not given out. */
const patienceMs = 1000;

/** Time (ms) for which a file that was left is still looked at. */
const lingerMs = 10_000;

/** Whether writers may still go on in the file before that one. */
export const isYoung = ({ bornAt }: FileIdentity): boolean => Math.abs(Date.now() - bornAt) < lingerMs;

/** Files that are looked at like that at a time: a log that is rotated more often keeps no more of them open. */
export const mostLeft = 8;

/** Files of which it is remembered how far they were read, once they are not looked at any more. */
const mostEnds = 100;

/** A file that was renamed and is not yet left. */
interface Old {
  file: GrowingFile;
  length: number;
  grownAt: number;
  nextSince: number | null;
  /** The new file, as it was seen last; null while there is none with something in it. */
  next: ChainFile | null;
  /** What of the new file went while it was waited with. */
  gone: 'nothing' | 'something';
}

/**
 * How a follower leaves a file that was rotated. Writers go on in it until each has opened the new one: nginx's workers
 * do within milliseconds of each other, Apache's when they have answered their last request. So a file that was written
 * to after it was renamed is left when it has come to rest, and looked at for a while after that.
 */
export class Leaving {
  readonly #late: (records: RawRecord[]) => void;
  #old: Old | null = null;
  /** Those that were left, the last one last. */
  #left: { file: GrowingFile; at: number }[] = [];
  /** How far those were read that were closed, the last one last. */
  readonly #ends: Position[] = [];

  /** @param late given what comes after a file was left */
  constructor(late: (records: RawRecord[]) => void) {
    this.#late = late;
  }

  /** Whether the file that is followed was renamed, and is not yet left. */
  get isUnderWay(): boolean {
    return this.#old !== null;
  }

  /** Whether a file was left, and is still looked at. */
  looksAt(file: GrowingFile): boolean {
    return this.#left.some((one) => one.file === file);
  }

  /** The file was renamed. */
  begin(file: GrowingFile): void {
    if (this.#old?.file === file) return;
    const grownAt = Number.NEGATIVE_INFINITY;
    this.#old = { file, length: file.readOffset, grownAt, nextSince: null, next: null, gone: 'nothing' };
  }

  /**
   * The file was renamed, and this is the new one; null: nothing stands in one. Whether something that stood in it is
   * gone, while it was waited with.
   */
  sees(file: GrowingFile, next: ChainFile | null): 'nothing' | 'something' {
    this.begin(file);
    const old = this.#old;
    if (old === null) return 'nothing';
    const { next: before } = old;
    if (before !== null && (next === null || !isSameFile(next, before) || next.size < before.size)) {
      old.gone = 'something';
    }
    old.next = next;
    return old.gone;
  }

  /** It was not, after all. */
  stay(): void {
    this.#old = null;
  }

  /** Whether it is time to go on, now that there is a new file. Read the old one to its end before. */
  mayLeave(file: GrowingFile): boolean {
    const old = this.#old;
    if (old?.file !== file) return true;
    const now = performance.now();
    old.nextSince ??= now;
    if (file.readOffset > old.length) {
      old.length = file.readOffset;
      old.grownAt = now;
    }
    return now - old.grownAt >= quietMs || now - old.nextSince >= patienceMs;
  }

  /** The follower has gone on. */
  async leave(file: GrowingFile): Promise<void> {
    this.#old = null;
    this.#left.push({ file, at: performance.now() });
    const [oldest] = this.#left;
    if (oldest !== undefined && this.#left.length > mostLeft) await this.#close(oldest.file);
  }

  /** Gives out what late writers have added. */
  async look(): Promise<void> {
    for (const { file } of this.#left) this.#readLate(file);
    const now = performance.now();
    for (const { file } of this.#left.filter(({ at }) => now - at >= lingerMs)) await this.#close(file);
  }

  /**
   * Byte offset at which reading goes on in a file that a name leads to now: 0, unless it is one that was left, and was
   * renamed back, or a link was set back to it.
   */
  async placeIn(segment: Segment): Promise<number> {
    // Not looked at any more: whoever follows it reads what comes next.
    for (const { file } of this.#left.filter((one) => isSameFile(one.file.segment, segment))) await this.#close(file);
    const end = this.#ends.findLast((one) => isSameFile(one.segment, segment));
    return end !== undefined && (await segment.holds(end)) ? end.offset : 0;
  }

  async close(): Promise<void> {
    for (const { file } of [...this.#left]) await this.#close(file);
  }

  async #close(file: GrowingFile): Promise<void> {
    this.#left = this.#left.filter((one) => one.file !== file);
    this.#readLate(file);
    this.#ends.push(file.position);
    if (this.#ends.length > mostEnds) this.#ends.shift();
    await file.segment.close();
  }

  #readLate(file: GrowingFile): void {
    if (!file.hasGrown) return;
    file.begin(file.segment.beginningForNow);
    for (let outcome = file.read(this.#late); outcome === 'more'; ) outcome = file.read(this.#late);
  }
}
