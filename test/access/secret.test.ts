import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signingKey } from '../../src/access/secret.ts';
import { OperatorError } from '../../src/errors.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailql-secret-'));
  path = join(directory, 'secret');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const load = (dataDir = directory) => signingKey({ dataDir, auth: {} }).then((key) => key.export().toString());

describe('signing key', () => {
  it('is the configured one, and then no file is made', async () => {
    const jwtSecret = 'k'.repeat(32);
    const key = await signingKey({ dataDir: directory, auth: { jwtSecret } });
    expect(key.export().toString()).toBe(jwtSecret);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is made once in a data directory that does not exist yet, for its owner only, and found again', async () => {
    const dataDir = join(directory, 'new', 'data');
    const made = await load(dataDir);
    expect(made).toMatch(/^[\w-]{43}$/);
    expect(await load(dataDir)).toBe(made);
    expect(await readdir(dataDir)).toEqual(['secret']);
    expect((await stat(join(dataDir, 'secret'))).mode & 0o777).toBe(0o600);
    expect(await load(directory)).not.toBe(made);
  });

  it('is the content of a file that the operator wrote', async () => {
    await writeFile(path, 'x'.repeat(64), { mode: 0o600 });
    expect(await load()).toBe('x'.repeat(64));
  });

  it('does not show itself when it is printed', async () => {
    const key = await signingKey({ dataDir: directory, auth: {} });
    expect(inspect(key)).not.toContain(await readFile(path, 'utf8'));
    expect(JSON.stringify(key)).toBe('{}');
  });

  it.each([0, 1, 31, 4097])('is refused when its file has %i bytes', async (size) => {
    await writeFile(path, 'x'.repeat(size), { mode: 0o600 });
    await expect(load()).rejects.toThrow(OperatorError);
    await expect(load()).rejects.toThrow(`${path} has ${size} bytes`);
    expect((await stat(path)).size).toBe(size);
  });

  it.each(['640', '604', '620', '602', '644', '777'])('is refused when its file has mode %s', async (mode) => {
    await writeFile(path, 'x'.repeat(32));
    await chmod(path, mode);
    await expect(load()).rejects.toThrow(OperatorError);
    await expect(load()).rejects.toThrow(`chmod 600 ${path}`);
  });

  it('is refused when it is a directory', async () => {
    await mkdir(path);
    await expect(load()).rejects.toThrow(OperatorError);
  });

  it('is refused when its name leads nowhere, and nothing is left behind', async () => {
    await symlink(join(directory, 'missing'), path);
    await expect(load()).rejects.toThrow(OperatorError);
    expect(await readdir(directory)).toEqual(['secret']);
  });

  it('cannot be kept where the data directory is a file', async () => {
    await writeFile(path, '');
    await expect(load(path)).rejects.toThrow(OperatorError);
    await expect(load(path)).rejects.toThrow(/ENOTDIR.*auth\.jwtSecret/);
  });

  it('is the same for several processes that start at once', async () => {
    const program = fileURLToPath(new URL('./secret-process.ts', import.meta.url));
    const processes = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--import', 'tsx', program, directory], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(processes.map((child) => once(child.stdout, 'data')));
    const keys = processes.map((child) => text(child.stdout));
    for (const child of processes) child.stdin.write('go\n');
    expect(new Set(await Promise.all(keys))).toEqual(new Set([await readFile(path, 'utf8')]));
    expect(await readdir(directory)).toEqual(['secret']);
  }, 60_000);

  it('is the same for many callers at once', async () => {
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => load()))).size).toBe(1);
  });
});
