import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot, packageVersion } from '../src/package.ts';

test('the root of the package has its package.json, with the version, and the migrations', () => {
  expect(JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8'))).toMatchObject({
    name: 'tailql',
    version: packageVersion,
  });
  expect(existsSync(path.join(packageRoot, 'prisma', 'migrations'))).toBe(true);
});
