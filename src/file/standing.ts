import { basename } from 'node:path';
import { isSameFile, type Position } from '../entry.ts';
import { type Chain, ChainMovedError, indexOf } from './chain.ts';
import { type ChainFile, lookAt } from './listing.ts';

/** The file that is written to, as it was at one time: with something in it. */
interface Seen {
  file: ChainFile;
  /** The place after all that stood in it. */
  end: Position;
}

/**
 * What a list of a log's files stands on: that the file that is written to has not been emptied since. Where it was (as
 * logrotate's `copytruncate` does), what stood in it is in a copy that the list may not have, for a copy that is being
 * made is left out; and nothing else tells, as the name leads to the same file.
 */
export class Standing {
  readonly #chain: Chain;
  /** Null when there was no such file, or nothing in it; nor is it looked for where files are not emptied. */
  readonly #seen: Seen | null;

  private constructor(chain: Chain, seen: Seen | null) {
    this.#chain = chain;
    this.#seen = seen;
  }

  /**
   * The files of a chain, and what that stands on.
   *
   * @throws {ChainMovedError} when something came to the file that is written to just now: list again
   */
  static async listed(chain: Chain): Promise<{ files: ChainFile[]; standing: Standing }> {
    // In this order: what is emptied before was copied to a file that is listed.
    const seen = await look(chain);
    const files = await chain.list();
    const current = files.find(({ path }) => path === chain.path);
    const isSeen = seen !== null && current !== undefined && isSameFile(current, seen.file);
    if (current !== undefined && mayBeEmptied(current) && !isSeen && (await isReadable(chain, current))) {
      throw new ChainMovedError();
    }
    return { files, standing: new Standing(chain, seen) };
  }

  /** Whether the file was not emptied: what was read by the list counts only when that is so afterwards. */
  async holds(): Promise<boolean> {
    if (this.#seen === null) return true;
    const { file, end } = this.#seen;
    const now = await this.#find(file);
    // No name leads to it any more: then it was renamed or deleted, of which others are told when they open it.
    if (now === null || (now.size === end.offset && now.modifiedAt === file.modifiedAt)) return true;
    const segment = await this.#chain.openReadable(now);
    return segment === null || segment.holds(end).finally(() => segment.close());
  }

  /** @throws {ChainMovedError} when that is not so: list again */
  async check(): Promise<void> {
    if (!(await this.holds())) throw new ChainMovedError();
  }

  async #find(file: ChainFile): Promise<ChainFile | null> {
    const named = await lookAt(this.#chain.directory, file.name);
    if (named !== null && isSameFile(named, file)) return named;
    const files = await this.#chain.list();
    return files[indexOf(files, file)] ?? null;
  }
}

/** A compressed file is not written to, and that of a day is not emptied to go on in it. */
const mayBeEmptied = ({ size, packing }: ChainFile): boolean => size > 0 && packing === null;

async function look(chain: Chain): Promise<Seen | null> {
  if (chain.location.kind === 'daily') return null;
  const file = await lookAt(chain.directory, basename(chain.path));
  const segment = file !== null && mayBeEmptied(file) ? await chain.openReadable(file) : null;
  if (file === null || segment === null) return null;
  try {
    const size = await segment.size();
    return size === 0 ? null : { file, end: await segment.positionAt(size) };
  } finally {
    await segment.close();
  }
}

async function isReadable(chain: Chain, file: ChainFile): Promise<boolean> {
  const segment = await chain.openReadable(file);
  await segment?.close();
  return segment !== null;
}
