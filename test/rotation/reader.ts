import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator } from '../support/engine.ts';
import type { Told } from './account.ts';
import { numberOf } from './line.ts';

/** A reader of one log that keeps its cursor, over as many tails as it likes. */
export class Reader {
  readonly told: Told[] = [];
  /** The highest number it was told. */
  last = -1;
  readonly #log: string;
  #cursor: string | null = null;
  #tail: Tail | null = null;

  /** `log` is the name that the lines carry. */
  constructor(log: string) {
    this.#log = log;
  }

  /** Opens a tail where it left the last one; the first begins with what is new. */
  async open(engine: Engine, id: string): Promise<void> {
    this.#tail = await engine.logs.follow(administrator, {
      sourceIds: [id],
      ...(this.#cursor !== null && { after: this.#cursor }),
      delivery: { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' },
    });
    await this.#take();
  }

  /** Takes events until it has seen enough; that is asked after each event. */
  async readUntil(enough: () => boolean): Promise<void> {
    while (!enough()) await this.#take();
  }

  async leave(): Promise<void> {
    await this.#tail?.return();
    this.#tail = null;
  }

  async #take(): Promise<void> {
    const event = (await this.#tail?.next())?.value;
    if (event === undefined) throw new Error('The tail ended.');
    if (event.kind === 'gap') {
      this.told.push({ loss: event.reason });
      this.#cursor = encodeCursor(event.to);
    } else if ('positions' in event) this.#cursor = encodeCursor(event.positions);
    if (event.kind === 'rotated' && event.possibleLoss) this.told.push({ loss: 'rotated' });
    if (event.kind !== 'batch') return;
    for (const { record } of event.entries) {
      const number = numberOf(this.#log, record.raw);
      this.told.push(number);
      this.last = Math.max(this.last, number);
    }
  }
}

/** Every line of a log, page by page from the oldest. */
export async function readAll(engine: Engine, id: string, log: string): Promise<Told[]> {
  const source = await engine.sources.find(administrator, { id });
  if (source === null) throw new Error('No source.');
  const told: Told[] = [];
  for (let after: string | null = null; ; ) {
    const page = await engine.logs.page(administrator, source, { after, take: { first: 500 } });
    told.push(...page.entries.map(({ record }) => numberOf(log, record.raw)));
    if (!page.hasNext) return told;
    after = encodeCursor(new Map([[id, page.end]]));
  }
}
