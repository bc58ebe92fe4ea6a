import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clockStepMs } from '../../src/entry.ts';
import { Chain } from '../../src/file/chain.ts';
import type { ChainFile } from '../../src/file/listing.ts';
import type { Segment } from '../../src/file/segment.ts';
import { Unpacker } from '../../src/file/unpack.ts';
import { temporaryDirectory } from './engine.ts';

/** When the steps of a change are taken: the first at a moment, each so many moments after the one before. */
export interface When {
  from: number;
  apart: number;
}

/**
 * A chain to the files of which something happens at chosen moments: after its directory was looked at, or before or
 * after one of them is opened. Between those, whoever reads a log learns nothing of where its files are.
 */
export class InterruptedChain extends Chain {
  readonly #steps: (() => void)[];
  readonly #all: number;
  readonly #apart: number;
  #moment = 0;
  #next: number;

  /** @param cache directory of unpacked files */
  constructor(path: string, cache: string, steps: (() => void)[], { from, apart }: When) {
    const limits = { maxUnpackedBytes: 1 << 20, unpackedCacheBytes: 1 << 20 };
    super({ kind: 'rotated', path }, () => true, new Unpacker(cache, limits));
    this.#steps = [...steps];
    this.#all = steps.length;
    this.#next = from;
    this.#apart = apart;
  }

  /** How much of the change has happened. */
  get change(): 'nothing' | 'part' | 'all' {
    if (this.#steps.length === this.#all) return 'nothing';
    return this.#steps.length > 0 ? 'part' : 'all';
  }

  override async list(): Promise<ChainFile[]> {
    const files = await super.list();
    this.#pass();
    return files;
  }

  override async open(file: ChainFile): Promise<Segment> {
    this.#pass();
    const segment = await super.open(file);
    this.#pass();
    return segment;
  }

  #pass(): void {
    for (const moment = this.#moment++; moment === this.#next && this.#steps.length > 0; ) {
      this.#steps.shift()?.();
      this.#next += this.#apart;
    }
  }
}

/** A log of two files, the newer of which is copied, emptied and written to again while it is read. */
export async function copiedMeanwhile(
  { older, newer, later }: { older: string; newer: string; later: string },
  when: When,
): Promise<InterruptedChain> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(`${path}.1`, older);
  writeFileSync(path, newer);
  // A copy is known by being younger.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, clockStepMs);
  const steps = [
    () => renameSync(`${path}.1`, `${path}.2`),
    () => writeFileSync(`${path}.1`, newer.slice(0, newer.length / 2)),
    () => copyFileSync(path, `${path}.1`),
    () => truncateSync(path),
    () => appendFileSync(path, later),
  ];
  return new InterruptedChain(path, join(directory, 'unpacked'), steps, when);
}
