import { isSameFile, type Position } from '../entry.ts';
import { type Chain, ChainMovedError } from '../file/chain.ts';
import type { Segment } from '../file/segment.ts';
import type { Standing } from '../file/standing.ts';
import type { Layout } from '../history/joiner.ts';
import { recordsOf } from '../history/joint.ts';
import { between } from '../history/moment.ts';
import { Passage, type Place } from '../history/passage.ts';
import { type Done, type Sieve, scan } from '../history/scan.ts';
import { rangeOf, whileChainMoves } from '../history/span.ts';
import { textOf } from '../scan/written-text.ts';

/** Bytes looked through at once: whether little or all of them is text to send, it is held in memory. */
const pieceBytes = 1024 * 1024;

/**
 * The records of a log that fulfil a filter as text, oldest first, each as written and with a newline after it, up to
 * where the log ends now. Goes over the log piece by piece, and no further ahead than there are threads.
 *
 * @throws {PositionLostError} when what comes next was deleted or overwritten meanwhile
 */
export async function* recordTextOf(
  chain: Chain,
  layout: Layout,
  sieve: Sieve,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = await whileChainMoves(() => RecordReader.open(chain, layout, sieve));
  try {
    for (;;) {
      const text = await whileChainMoves(() => reader.next());
      if (text === null) return;
      if (text.length > 0) yield text;
    }
  } finally {
    await reader.close();
  }
}

/** A scan that is under way, and what it stands on. */
interface Scanning {
  passage: Passage;
  standing: Standing;
  rest: AsyncGenerator<Done<Uint8Array>, void, undefined>;
}

/** Reads the text of one portion after the other; what failed can be tried again. */
class RecordReader {
  readonly #chain: Chain;
  readonly #layout: Layout;
  readonly #sieve: Sieve;
  /** Where the log ended; null when its last file cannot be read. */
  readonly #end: Position | null;
  /** Up to where everything was handed out. */
  #reached: Position | null = null;
  #scan: Scanning | null = null;

  private constructor(chain: Chain, layout: Layout, sieve: Sieve, end: Position | null) {
    this.#chain = chain;
    this.#layout = layout;
    this.#sieve = sieve;
    this.#end = end;
  }

  static async open(chain: Chain, layout: Layout, sieve: Sieve): Promise<RecordReader> {
    const range = await rangeOf(chain, null, null);
    const passage = await new Passage(chain, range, layout, 'log').settledPart();
    const end = range.spans.length === 0 ? null : await passage.positionAt(await passage.end());
    await range.standing.check();
    return new RecordReader(chain, layout, sieve, end);
  }

  /** Null at the end. */
  async next(): Promise<Uint8Array | null> {
    this.#scan ??= await this.#begin();
    const { passage, standing, rest } = this.#scan;
    try {
      const { value: done } = await rest.next();
      // What was just read of it may not be what stood there.
      await standing.check();
      if (done === undefined) return null;
      const place = done.unit.kind === 'joint' ? done.unit.to : { span: done.unit.span, offset: done.unit.end };
      this.#reached = await this.#after(passage, place);
      return done.result;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#scan?.rest.return();
    this.#scan = null;
  }

  async #begin(): Promise<Scanning> {
    const range = await rangeOf(this.#chain, this.#reached, this.#end);
    const whole = new Passage(this.#chain, range, this.#layout, 'bound');
    const sieve = this.#sieve;
    const { low, high } = await between(whole, sieve.filter.bounds, sieve);
    const passage = await whole.part(low, high);
    const rest = scan({
      passage,
      sieve,
      from: 'beginning',
      timed: sieve.filter.condition.needsTime,
      pieceBytes,
      piece: (task) => sieve.pool.run({ ...task, kind: 'text' }),
      joint: async (unit): Promise<Uint8Array> =>
        textOf((await recordsOf(unit, passage, sieve)).map(({ record }) => record)),
    });
    return { passage, standing: range.standing, rest };
  }

  /** @throws {ChainMovedError} when the file is not as it was: what was just read of it may not be what stood there */
  async #after(passage: Passage, { span, offset }: Place): Promise<Position> {
    const { file, end } = await passage.settled(span);
    const segment = await passage.open(span);
    if (segment === null) throw new ChainMovedError();
    try {
      // An inode may be used again at once.
      const isSame = isSameFile(file, segment) && (await segment.size()) >= end;
      if (!isSame || !(await this.#isAsEver(segment))) throw new ChainMovedError();
      return await segment.positionAt(offset);
    } finally {
      await segment.close();
    }
  }

  /** Whether a file holds those of the two known places that are in it. */
  async #isAsEver(segment: Segment): Promise<boolean> {
    for (const position of [this.#reached, this.#end]) {
      if (position && isSameFile(position.segment, segment) && !(await segment.holds(position))) return false;
    }
    return true;
  }
}
