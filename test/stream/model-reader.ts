import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator } from '../support/engine.ts';

/** Progress events in a row, one every 5 s when nothing else comes, after which nothing is to be expected. */
const patience = 3;

/** A reader that keeps its cursor, over tails and engines. */
export class ModelReader {
  /** The lines that came, as numbers, and in between where it was told that something may be missing. */
  readonly story: (number | 'loss')[] = [];
  lines = 0;
  #cursor: string | null = null;
  #tail: Tail | null = null;

  /** Reads on until `enough`, which is asked before each event. Fails when nothing comes any more. */
  async read(engine: Engine, id: string, enough: () => boolean): Promise<void> {
    for (let quiet = 0; !enough(); ) {
      this.#tail ??= await engine.logs.follow(administrator, {
        sourceIds: [id],
        ...(this.#cursor === null ? { last: 0 } : { after: this.#cursor }),
        delivery: { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' },
      });
      const { value } = await this.#tail.next();
      if (value === undefined) throw new Error('The tail ended.');
      quiet = value.kind === 'progress' ? quiet + 1 : 0;
      if (quiet === patience) throw new Error('Nothing comes.');
      if (value.kind === 'gap' || (value.kind === 'rotated' && value.possibleLoss)) this.story.push('loss');
      if (value.kind !== 'batch') {
        if ('positions' in value) this.#cursor = encodeCursor(value.positions);
        continue;
      }
      this.#cursor = encodeCursor(value.positions);
      for (const { record } of value.entries) {
        // A line that was begun, and then cut off with its file, comes as far as it was written.
        if (!record.raw.endsWith(';')) continue;
        this.story.push(Number.parseInt(record.raw, 10));
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
