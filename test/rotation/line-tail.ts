import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import { endOf } from '../../src/entry.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator, sourceId } from '../support/engine.ts';

/** A tail of one log as text: lines as they stand there, other events in parentheses, such as `(gap LOST_SEGMENT)`. */
export class LineTail {
  /** Where the last event left it. */
  cursor = '';
  /** Byte offset of that place, in its file. */
  offset = 0;
  readonly #engine: Engine;
  readonly #tail: Tail;

  private constructor(engine: Engine, tail: Tail) {
    this.#engine = engine;
    this.#tail = tail;
  }

  /** Begins with what is new unless told otherwise, and resolves when it has caught up, to what came before that, too. */
  static async open(
    engine: Engine,
    name: string,
    start: { after?: string; last?: number } = {},
  ): Promise<{ tail: LineTail; history: string[] }> {
    const delivery = { maxBatch: 1000, maxLatencyMs: 0, onLag: 'PAUSE' as const };
    const sourceIds = [await sourceId(engine, name)];
    const tail = new LineTail(engine, await engine.logs.follow(administrator, { sourceIds, ...start, delivery }));
    const history = await tail.upTo('(caught up)');
    return { tail, history: history.slice(0, -1) };
  }

  /** What comes up to the event that brings this, that event included. */
  async upTo(goal: string): Promise<string[]> {
    const told: string[] = [];
    while (!told.includes(goal)) told.push(...(await this.next()));
    return told;
  }

  /** What the next event says. */
  async next(): Promise<string[]> {
    const { value } = await this.#tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    const positions = value.kind === 'gap' ? value.to : 'positions' in value ? value.positions : null;
    if (positions !== null) {
      this.cursor = encodeCursor(positions);
      for (const position of positions.values()) this.offset = endOf(position);
    }
    return this.#textOf(value);
  }

  async leave(): Promise<void> {
    await this.#tail.return();
  }

  async #textOf(event: TailEvent): Promise<string[]> {
    switch (event.kind) {
      case 'batch':
        return event.entries.map(({ record }) => record.raw);
      case 'caught-up':
        return ['(caught up)'];
      case 'gap':
        return [`(gap ${event.reason})`];
      case 'rotated':
        return [event.possibleLoss ? '(rotated, possible loss)' : '(rotated)'];
      case 'state':
        return [`(${(await this.#engine.sources.state(administrator, event.source)).state})`];
      case 'progress':
        return [];
      case 'ended':
        return [`(ended: ${event.reason})`];
    }
  }
}

/** The lines of what a tail told. */
export const linesOf = (told: string[]): string[] => told.filter((text) => !text.startsWith('('));
