import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { encodeCursor } from '../../src/cursor.ts';
import { type Engine, openEngine } from '../../src/engine.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator, sourceId, strictEvents } from '../support/engine.ts';

/** What a writer, logrotate and a reader do, one after the other, while the follower runs as it likes. */
type Step =
  | { do: 'write'; lines: number }
  | { do: 'begin a line' }
  | { do: 'rotate' }
  | { do: 'read'; events: number }
  | { do: 'resume' }
  | { do: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'begin a line' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'rotate' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), events: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'resume' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

const kept = 50;

/** A log as its writer sees it. */
class Writer {
  readonly path: string;
  count = 0;
  #begun = '';

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  write(lines: number): void {
    const numbers = Array.from({ length: lines }, () => this.count++);
    const text = numbers.map((number) => `${number}\n`).join('');
    appendFileSync(this.path, this.#begun === '' ? text : text.slice(this.#begun.length));
    this.#begun = '';
  }

  /** The first byte of the next line: its newline comes with the next write. */
  begin(): void {
    if (this.#begun !== '') return;
    this.#begun = `${this.count}`.slice(0, 1);
    appendFileSync(this.path, this.#begun);
  }

  rotate(): void {
    if (this.#begun !== '') this.write(1);
    for (let age = kept - 1; age >= 1; age--) {
      if (existsSync(`${this.path}.${age}`)) renameSync(`${this.path}.${age}`, `${this.path}.${age + 1}`);
    }
    renameSync(this.path, `${this.path}.1`);
    writeFileSync(this.path, '');
  }
}

/** A reader that keeps its cursor, over tails and engines. */
class Reader {
  readonly seen: string[] = [];
  #cursor: string | null = null;
  #tail: Tail | null = null;

  async read(engine: Engine, id: string, enough: () => boolean): Promise<void> {
    this.#tail ??= await engine.logs.follow(administrator, {
      sourceIds: [id],
      ...(this.#cursor === null ? { last: 0 } : { after: this.#cursor }),
      delivery: { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' },
    });
    while (!enough()) {
      const { value } = await this.#tail.next();
      if (value === undefined) throw new Error('The tail ended.');
      if (value.kind === 'gap') throw new Error(`A gap: ${value.reason}`);
      if ('positions' in value) this.#cursor = encodeCursor(value.positions);
      if (value.kind === 'batch') this.seen.push(...value.entries.map(({ record }) => record.raw));
    }
  }

  async leave(): Promise<void> {
    await this.#tail?.return();
    this.#tail = null;
  }
}

async function play(steps: Step[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tailql-model-'));
  const writer = new Writer(join(directory, 'app.log'));
  const reader = new Reader();
  const config = defaultConfig({
    dataDir: join(directory, 'data'),
    sources: [{ path: writer.path, name: 'app', format: 'TEXT' }],
    limits: { pollIntervalMs: 20, liveWindowEntries: 300 },
  });
  let engine = await openEngine(config, strictEvents());
  try {
    const id = await sourceId(engine, 'app');
    let events = 0;
    await reader.read(engine, id, () => events++ > 0);
    for (const one of [...steps, { do: 'write', lines: 1 } as const]) {
      if (one.do === 'write') writer.write(one.lines);
      else if (one.do === 'begin a line') writer.begin();
      else if (one.do === 'rotate') writer.rotate();
      else if (one.do === 'resume') await reader.leave();
      else if (one.do === 'restart') {
        await reader.leave();
        await engine.close();
        engine = await openEngine(config, strictEvents());
      } else {
        const goal = Math.min(writer.count, reader.seen.length + one.events * 100);
        await reader.read(engine, id, () => reader.seen.length >= goal);
      }
    }
    await reader.read(engine, id, () => reader.seen.length >= writer.count);
    expect(reader.seen).toEqual(Array.from({ length: writer.count }, (_, number) => `${number}`));
  } finally {
    await reader.leave();
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

test('every line is read once and in order, whatever writer, rotation and reader do', {
  timeout: 300_000,
}, async () => {
  const numRuns = Number(process.env.TAILQL_TEST_RUNS ?? 40);
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), play), { numRuns });
});
