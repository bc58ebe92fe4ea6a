import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config.ts';
import { encodeCursor } from '../../src/cursor.ts';
import type { EngineEvents } from '../../src/events.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import type { Entry } from '../../src/format/entry.ts';
import type { FormatName } from '../../src/format/registry.ts';
import type { EntryRequest } from '../../src/logs.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator, startEngine, temporaryDirectory } from '../support/engine.ts';
import { textOf } from '../support/entries.ts';

const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' as const };

/** A log `app.log`, made of files by what follows that in their names. */
export async function setUp(
  files: Record<string, string | Buffer>,
  config: ConfigInput = {},
  events: Partial<EngineEvents> = {},
  format: FormatName = 'TEXT',
) {
  const directory = await temporaryDirectory();
  const logs = join(directory, 'logs');
  const dataDir = join(directory, 'data');
  mkdirSync(logs);
  const path = join(logs, 'app.log');
  for (const [suffix, content] of Object.entries(files)) writeFileSync(path + suffix, content);
  const sources = [{ path, name: 'app', format }];
  const engine = await startEngine(
    { dataDir, sources, ...config, limits: { pollIntervalMs: 20, ...config.limits } },
    events,
  );

  async function source(name = 'app') {
    const found = await engine.sources.find(administrator, { name });
    if (found === null) throw new Error(`No source ${name}.`);
    return found;
  }

  const page = async (request: EntryRequest, name = 'app') =>
    engine.logs.page(administrator, await source(name), request);
  const follow = async (start: { after?: string | undefined; last?: number; filter?: FilterInput }, name = 'app') =>
    engine.logs.follow(administrator, { sourceIds: [(await source(name)).id], ...start, delivery });
  /** Everything, in pages of a size from one end to the other. */
  async function pages(from: 'beginning' | 'end', size: number, filter?: FilterInput): Promise<Entry[]> {
    const { id } = await source();
    const found: Entry[] = [];
    for (let cursor: string | undefined; ; ) {
      const bounds =
        from === 'end' ? { before: cursor, take: { last: size } } : { after: cursor, take: { first: size } };
      const one = await page({ ...bounds, filter });
      found.splice(from === 'end' ? 0 : found.length, 0, ...one.entries);
      if (from === 'end' ? !one.hasPrevious : !one.hasNext) return found;
      cursor = encodeCursor([[id, from === 'end' ? one.start : one.end]]);
    }
  }

  /** The text of what a search finds. */
  async function download(filter: string): Promise<string> {
    const request = { sourceId: (await source()).id, signal: AbortSignal.timeout(60_000), remoteAddress: '127.0.0.1' };
    const parts: Uint8Array[] = [];
    const { portions } = await engine.downloads.text(administrator, { ...request, filter });
    for await (const portion of portions) parts.push(portion);
    return Buffer.concat(parts).toString();
  }

  const segments = async (name = 'app') => engine.sources.segments(administrator, await source(name));

  return {
    engine,
    directory,
    path,
    page,
    pages,
    download,
    follow,
    segments,
    source,
    raw: async (request: EntryRequest, name = 'app') => rawOf((await page(request, name)).entries),
    problems: async () => {
      const all = await segments();
      return Object.fromEntries(await Promise.all(all.map(async ({ name, problem }) => [name, await problem()])));
    },
    /** How many files were unpacked. */
    unpacked: () => (existsSync(join(dataDir, 'unpacked')) ? readdirSync(join(dataDir, 'unpacked')).length : 0),
    /** As logrotate does: `.1` becomes `.2.gz`, and so on. */
    rotate: () => {
      for (let age = 9; age >= 1; age--) {
        if (existsSync(`${path}.${age}.gz`)) renameSync(`${path}.${age}.gz`, `${path}.${age + 1}.gz`);
      }
      renameSync(path, `${path}.1`);
      writeFileSync(path, '');
      execFileSync('gzip', [`${path}.1`]);
    },
  };
}

export const rawOf = (entries: Entry[]): string[] => entries.map(({ record }) => record.raw);
export const cursorOf = ({ context, record }: Entry): string =>
  encodeCursor(new Map([[context.source.id, record.position]]));

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index} of the log`);

/** What a tail gives, up to having caught up. */
export async function caughtUp(tail: Tail): Promise<{ kinds: string[]; raw: string[]; cursor: string }> {
  const [kinds, raw]: [string[], string[]] = [[], []];
  for (;;) {
    const { value } = await tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    kinds.push(value.kind);
    if (value.kind === 'batch') raw.push(...rawOf(value.entries));
    if (value.kind === 'caught-up') return { kinds, raw, cursor: encodeCursor(value.positions) };
  }
}

/** The next so many entries of a tail. */
export async function next(tail: Tail, count: number): Promise<string[]> {
  const raw: string[] = [];
  while (raw.length < count) {
    const { value } = await tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    if (value.kind === 'gap') throw new Error(`A gap: ${value.reason}`);
    if (value.kind === 'batch') raw.push(...rawOf(value.entries));
  }
  return raw;
}

/** The lines of a log, and four files that they are in. */
export const all = numbered(0, 40);
const parts = [all.slice(0, 10), all.slice(10, 20), all.slice(20, 33), all.slice(33)].map(textOf);
export const [first = '', second = '', third = '', fourth = ''] = parts;
