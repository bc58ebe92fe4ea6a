import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { startEngine, temporaryDirectory } from '../support/engine.ts';

describe.each(databaseUrls())('rows of configured logs on %s', (_, freshUrl) => {
  test('are as the client would have made them, in their order, and stay', async () => {
    const directory = await temporaryDirectory();
    const names = Array.from({ length: 300 }, (_, number) => `log '${number}' "\\ \u{1F4A1}ä`);
    const sources = names.map((name, number) => ({ name, path: join(directory, `${number}.log`) }));
    for (const { path } of sources) writeFileSync(path, '');
    const config = { dataDir: join(directory, 'data'), databaseUrl: await freshUrl(), sources };
    const before = new Date();
    const { client } = await startEngine(config);
    const rows = await client.source.findMany({
      where: { kind: 'FILE', ownerId: null, retiredAt: null, createdAt: { gte: before, lte: new Date() } },
      orderBy: { id: 'asc' },
    });
    expect(rows.map(({ name }) => name)).toEqual(['tailql/system', 'tailql/audit', ...names]);
    // Equal in the database, too, which compares what is written there.
    const [{ createdAt } = { createdAt: before }] = rows;
    expect(await client.source.count({ where: { createdAt } })).toBeGreaterThan(0);
    const again = await startEngine({ ...config, dataDir: join(directory, 'other') });
    expect(await again.client.source.findMany({ orderBy: { id: 'asc' } })).toEqual(rows);
  });
});
