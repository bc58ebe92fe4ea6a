import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/action/action.ts';
import { NotFoundError } from '../../src/errors.ts';
import { facts, openActions, reported, type TestActions } from '../support/actions.ts';
import { databaseUrls } from '../support/databases.ts';
import { administrator } from '../support/engine.ts';

const day = 86_400_000;

const many = (count: number, values: object = {}) => Array.from({ length: count }, () => reported(values));

async function all({ actions }: TestActions): Promise<Action[]> {
  const order = { field: 'RECORDED', direction: 'ASC' } as const;
  const page = await actions.page(administrator, {
    filter: null,
    order,
    take: { first: 10_000 },
    after: null,
    before: null,
  });
  return page.actions.map(({ action }) => action);
}

async function textOf(log: TestActions, id: string): Promise<string> {
  const { bytes } = await log.actions.upkeep.read(administrator, id);
  return gunzipSync(Buffer.concat(await bytes.toArray())).toString();
}

async function auditOf({ dataDir }: TestActions): Promise<string> {
  const directory = join(dataDir, 'log');
  const names = await readdir(directory).catch(() => []);
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('');
}

describe.each(databaseUrls())('the upkeep of actions on %s', (_kind, freshUrl) => {
  test('an archive has every action, as it can be recorded again', async () => {
    const log = await openActions(await freshUrl());
    const recorded = await log.actions.record(
      administrator,
      [
        reported({ timestamp: '2026-01-02T03:04:05.006Z', metadata: { text: 'nul\0l \ud800', list: [1] } }),
        reported({ status: 'FAILED', error: 'a\nb "c" \u2028', durationMs: 0.001 }),
        ...many(998),
      ],
      null,
    );
    for (let batch = 0; batch < 3; batch++)
      recorded.push(...(await log.actions.record(administrator, many(700), null)));
    const archive = await log.actions.upkeep.archive(administrator, new Date(Date.now() + 1000));
    expect(archive).toMatchObject({ count: 3100n, from: new Date('2026-01-02T03:04:05.006Z') });
    const other = await openActions(await freshUrl());
    const importer = other.actions.importer(administrator);
    const text = await textOf(log, archive?.id ?? '');
    for (let at = 0; at < text.length; at += 10_001) await importer.write(Buffer.from(text.slice(at, at + 10_001)));
    expect(await importer.end()).toEqual({ recorded: 3100, failed: 0, problems: [] });
    expect((await all(other)).map(facts)).toEqual(recorded.map(facts));
    expect(await all(log)).toHaveLength(3100);
    expect(await log.actions.upkeep.archive(administrator, new Date(Date.now() + 1000))).toBeNull();
  });

  test('clearing archives what is in no archive yet, unless it is told not to, and is audited', async () => {
    const log = await openActions(await freshUrl());
    const later = () => new Date(Date.now() + 1000);
    await log.actions.record(administrator, many(5), null);
    await log.actions.upkeep.archive(administrator, later());
    await log.actions.record(administrator, many(3), null);
    const { cleared, archive } = await log.actions.upkeep.clear(administrator, { before: later(), archive: true });
    expect({ cleared, count: archive?.count }).toEqual({ cleared: 8, count: 3n });
    await log.actions.record(administrator, many(2), null);
    expect(await log.actions.upkeep.clear(administrator, { before: later(), archive: false })).toEqual({
      cleared: 2,
      archive: null,
    });
    const archives = await log.actions.upkeep.list(administrator, {});
    expect(archives.map(({ count }) => count)).toEqual([5n, 3n]);
    expect(await all(log)).toEqual([]);
    const audit = await auditOf(log);
    expect(audit).toMatch(/"action":"actions_clear","metadata":\{[^}]*"cleared":8,"archived":"yes"/);
    expect(audit).toMatch(/"action":"actions_clear","metadata":\{[^}]*"cleared":2,"archived":"no"/);
    expect(audit).toMatch(/"action":"actions_archive"/);
    // Ids go on: a cursor never stands for another action.
    expect(await log.actions.record(administrator, many(1), null)).toMatchObject([{ id: 11 }]);
  });

  test('clearing leaves what was recorded at the time or later', async () => {
    const log = await openActions(await freshUrl());
    const [first] = await log.actions.record(administrator, many(1, { timestamp: '2020-01-01T00:00:00Z' }), null);
    const { cleared } = await log.actions.upkeep.clear(administrator, {
      before: new Date(first?.recordedAt ?? 0),
      archive: false,
    });
    expect(cleared).toBe(0);
    expect(await all(log)).toEqual([first]);
  });

  test('an archive that is deleted is gone with its file', async () => {
    const log = await openActions(await freshUrl());
    await log.actions.record(administrator, many(5), null);
    const archive = await log.actions.upkeep.archive(administrator, new Date(Date.now() + 1000));
    await log.actions.upkeep.delete(administrator, archive?.id ?? '');
    expect(await readdir(join(log.dataDir, 'actions'))).toEqual([]);
    await expect(log.actions.upkeep.delete(administrator, archive?.id ?? '')).rejects.toThrow(NotFoundError);
    await expect(log.actions.upkeep.read(administrator, archive?.id ?? '')).rejects.toThrow(NotFoundError);
    expect(await auditOf(log)).toMatch(/"action":"actions_archive_delete"/);
  });

  test('a day is archived when it is over, once, and removed after the days that actions are kept', async () => {
    const log = await openActions(await freshUrl(), { actions: { retentionDays: 3 } });
    const now = Date.now();
    await log.actions.record(administrator, many(1000), null);
    await log.actions.upkeep.keep(now);
    expect(await log.actions.upkeep.list(administrator, {})).toEqual([]);
    await log.actions.upkeep.keep(now + day);
    await log.actions.upkeep.keep(now + 2 * day);
    expect((await log.actions.upkeep.list(administrator, {})).map(({ count }) => count)).toEqual([1000n]);
    expect(await all(log)).toHaveLength(1000);
    await log.actions.upkeep.keep(now + 4 * day);
    expect(await all(log)).toEqual([]);
    expect((await log.actions.upkeep.list(administrator, {})).map(({ count }) => count)).toEqual([1000n]);
    expect((await log.actions.stats(administrator, null, 60).totals()).tally.total).toBe(0);
  });

  test('is done by one of several processes, and once', async () => {
    const url = await freshUrl();
    const logs = [await openActions(url), await openActions(url), await openActions(url)];
    await logs[0]?.actions.record(administrator, many(1000), null);
    const later = Date.now() + day;
    await Promise.all(logs.map(({ actions }) => actions.upkeep.keep(later)));
    expect((await logs[0]?.actions.upkeep.list(administrator, {}))?.map(({ count }) => count)).toEqual([1000n]);
  });

  test('clearing waits while the log is archived or cleared otherwise', async () => {
    const log = await openActions(await freshUrl());
    await log.actions.record(administrator, many(1000), null);
    const before = new Date(Date.now() + 1000);
    const cleared = await Promise.all(
      Array.from({ length: 3 }, () => log.actions.upkeep.clear(administrator, { before, archive: true })),
    );
    expect(cleared.map((one) => one.cleared).sort((a, b) => a - b)).toEqual([0, 0, 1000]);
    expect(await log.actions.upkeep.list(administrator, {})).toHaveLength(1);
  });

  test('goes on after a crash: half an archive is forgotten, and what it should have is archived', async () => {
    const log = await openActions(await freshUrl());
    await log.actions.record(administrator, many(5), null);
    await log.actions.upkeep.archive(administrator, new Date(Date.now() + 1000));
    await log.actions.record(administrator, many(5), null);
    for (const name of ['5.ndjson.gz', '5.ndjson.gz.part']) await writeFile(join(log.dataDir, 'actions', name), 'half');
    // As if it had ended after the archive was made and before the log was told.
    await log.database.sql.write(function* () {
      yield { text: 'UPDATE "ActionLog" SET "archivedThrough" = 0 WHERE "id" = 1', values: [] };
    });
    await log.actions.upkeep.keep(Date.now() + day);
    const archives = await log.actions.upkeep.list(administrator, {});
    expect(archives.map(({ count }) => count)).toEqual([5n, 5n]);
    expect((await textOf(log, archives[1]?.id ?? '')).match(/\n/g)).toHaveLength(5);
    expect((await readdir(join(log.dataDir, 'actions'))).sort()).toEqual(['0.ndjson.gz', '5.ndjson.gz']);
  });

  test('idempotency keys are forgotten after a day, and not before', async () => {
    const log = await openActions(await freshUrl());
    const call = () => log.actions.record(administrator, many(1), 'key');
    const [first] = await call();
    await log.actions.upkeep.keep(Date.now() + day - 60_000);
    expect(await call()).toEqual([first]);
    await log.actions.upkeep.keep(Date.now() + day + 60_000);
    expect(await call()).toMatchObject([{ id: 2 }]);
  });
});
