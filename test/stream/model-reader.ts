import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator } from '../support/engine.ts';

/** Time (ms) without an event after which none is to be expected: many polls, and less than a progress event takes. */
const patienceMs = 4000;

async function soon<T>(next: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Nothing comes.')), patienceMs);
  });
  return Promise.race([next, late]).finally(() => clearTimeout(timer));
}

/** A reader that keeps its cursor, over tails and engines. */
export class ModelReader {
  /** The lines that came, as numbers, and in between where it was told that something may be missing. */
  readonly story: (number | 'loss')[] = [];
  lines = 0;
  #cursor: string | null = null;
  #tail: Tail | null = null;

  /** Reads on until `enough`, which is asked before each event. */
  async read(engine: Engine, id: string, enough: () => boolean): Promise<void> {
    while (!enough()) {
      this.#tail ??= await engine.logs.follow(administrator, {
        sourceIds: [id],
        ...(this.#cursor === null ? { last: 0 } : { after: this.#cursor }),
        delivery: { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' },
      });
      const { value } = await soon(this.#tail.next());
      if (value === undefined) throw new Error('The tail ended.');
      if (value.kind === 'gap' || (value.kind === 'rotated' && value.possibleLoss)) this.story.push('loss');
      if (value.kind !== 'batch') {
        if ('positions' in value) this.#cursor = encodeCursor(value.positions);
        continue;
      }
      this.#cursor = encodeCursor(value.positions);
      for (const { record } of value.entries) {
        // A line that was begun, and then cut off with its file, comes as far as it was written.
        if (!record.raw.endsWith(';')) continue;
        this.story.push(Number(record.raw.slice(0, -1)));
        this.lines++;
      }
    }
  }

  async leave(): Promise<void> {
    await this.#tail?.return();
    this.#tail = null;
  }

  get last(): number {
    return this.story.findLast((one) => typeof one === 'number') ?? -1;
  }
}
