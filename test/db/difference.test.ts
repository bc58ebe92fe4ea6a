import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { difference, modelFiles } from '../../script/difference.ts';
import { packageRoot } from '../../src/package.ts';
import { databaseUrls } from '../support/databases.ts';

describe.each(databaseUrls())('the migrations for %s', (kind, freshUrl) => {
  const models = () => readFile(path.join(packageRoot, modelFiles[kind]), 'utf8');

  test('lead to the models: if not, run `npx tsx script/migration.ts NAME`', async () => {
    expect(await difference(await freshUrl(), await models())).toBe('');
  });

  test('are told from models that say more', async () => {
    const more = (await models()).replace('model User {', 'model User {\n  nickname String?');
    expect(await difference(await freshUrl(), more)).toMatch(/ADD COLUMN\s+"nickname" TEXT;/);
  });
});
