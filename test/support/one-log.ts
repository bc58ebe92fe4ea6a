import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config.ts';
import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import type { LagPolicy } from '../../src/lane-event.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from './engine.ts';

export const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'SKIP_WITH_GAP' as LagPolicy };

/** An engine over one log of plain text. */
export interface LogSetup {
  engine: Engine;
  path: string;
  id: string;
  follow(options?: { after?: string; last?: number; onLag?: LagPolicy; maxBatch?: number }): Promise<Tail>;
}

export async function setUp(content: string | null, limits: ConfigInput['limits'] = {}): Promise<LogSetup> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  if (content !== null) writeFileSync(path, content);
  const engine = await startEngine({
    dataDir: join(directory, 'data'),
    sources: [{ path, name: 'app', format: 'TEXT' }],
    limits: { pollIntervalMs: 50, ...limits },
  });
  const id = await sourceId(engine, 'app');
  const follow: LogSetup['follow'] = ({ after, last, ...how } = {}) =>
    engine.logs.follow(administrator, { sourceIds: [id], after, last, delivery: { ...delivery, ...how } });
  return { engine, path, id, follow };
}

/** Takes events until `enough`; ends the tail when the test forgets to. */
export async function until(tail: Tail, enough: (events: TailEvent[]) => boolean): Promise<TailEvent[]> {
  const events: TailEvent[] = [];
  while (!enough(events)) {
    const { value } = await tail.next();
    if (value === undefined) break;
    events.push(value);
  }
  return events;
}

export const rawOf = (events: TailEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'batch' ? event.entries.map(({ record }) => record.raw) : []));

export const hasLine = (line: string) => (events: TailEvent[]) => rawOf(events).includes(line);
export const caughtUp = (events: TailEvent[]) => events.some((event) => event.kind === 'caught-up');
/** Numbered lines, and such lines as they stand in a file. */
export const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
export const written = (texts: string[]) => texts.map((text) => `${text}\n`).join('');

export function cursorOf(event: TailEvent | undefined): string {
  if (event === undefined || !('positions' in event)) throw new Error('An event without positions.');
  return encodeCursor(event.positions);
}
