import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';
import { OperatorError } from '../../src/errors.ts';

async function failure(url: string): Promise<OperatorError> {
  const error = await openDatabase(url).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof OperatorError)) throw new Error(`Expected an OperatorError, got ${error}`);
  return error;
}

test.each(['mysql://root:hush@localhost/db', 'tailql.db', 'file:', ''])(
  'the URL %j is refused, and not repeated',
  async (url) => {
    const { message, exitCode } = await failure(url);
    expect(message).toBe(
      'The database URL must begin with "file:" and a path (SQLite), or with "postgresql:" (PostgreSQL).',
    );
    expect(exitCode).toBe(2);
  },
);

describe('a file', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'tailql-files-'));
    await chmod(directory, 0o777);
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Root may write everything, so the check is made as somebody who may not. */
  async function asNobody<T>(act: () => Promise<T>): Promise<T> {
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      return await act();
    } finally {
      if (root) process.seteuid?.(0);
    }
  }

  test('in a directory that does not exist', async () => {
    const file = path.join(directory, 'missing', 'x.db');
    const sentence = `The directory of the database ${file} does not exist: create it, or name another file.`;
    expect((await failure(`file:${file}`)).message).toBe(sentence);
    await expect(migrate(`file:${file}`)).rejects.toThrow(sentence);
  });

  test('that is not a database', async () => {
    const file = path.join(directory, 'notes.txt');
    await writeFile(file, 'To whom it may concern. '.repeat(100));
    const sentence = `The file ${file} is not a database: name another file, or move this one away.`;
    expect((await failure(`file:${file}`)).message).toBe(sentence);
    await expect(migrate(`file:${file}`)).rejects.toThrow(sentence);
  });

  test('that is a directory', async () => {
    expect((await failure(`file:${directory}`)).message).toMatch(/cannot be opened for writing/);
  });

  test.each([
    ['the file', 0o444, 0o777],
    ['its directory', 0o666, 0o555],
  ])('where %s may only be read', async (_, fileMode, directoryMode) => {
    const inner = path.join(directory, 'inner');
    const file = path.join(inner, 'x.db');
    await mkdir(inner);
    await migrate(`file:${file}`);
    await (await openDatabase(`file:${file}`)).close();
    await chmod(file, fileMode);
    await chmod(inner, directoryMode);
    const { message } = await asNobody(() => failure(`file:${file}`));
    expect(message).toBe(
      `The database ${file} cannot be opened for writing: let the user who runs Tailql write the file and its directory.`,
    );
  });

  test('is opened with write-ahead log and foreign keys', async () => {
    const database = await openDatabase(`file:${path.join(directory, 'x.db')}`);
    const [row] = await database.client.$queryRaw<object[]>`
      SELECT journal_mode, synchronous, foreign_keys, timeout
      FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, pragma_busy_timeout`;
    expect(row).toMatchObject({ journal_mode: 'wal' });
    expect(Object.values(row ?? {}).map(String)).toEqual(['wal', '1', '1', '5000']);
    await database.close();
  });
});

const postgresUrl = inject('postgresUrl');

describe.runIf(postgresUrl !== null)('PostgreSQL', () => {
  const change = (parts: Partial<URL>) => Object.assign(new URL(postgresUrl ?? ''), parts);

  test('whose address nobody answers', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    expect((await failure(change({ port: String(port) }).href)).message).toBe(
      `PostgreSQL cannot be reached at 127.0.0.1:${port}: check that it runs there, and the database URL.`,
    );
  });

  test('whose name is unknown', async () => {
    expect((await failure(change({ hostname: 'nowhere.invalid' }).href)).message).toMatch(
      /^PostgreSQL cannot be (reached|used) at nowhere\.invalid:|^PostgreSQL at nowhere\.invalid:\d+ cannot be used|^PostgreSQL cannot be reached at nowhere\.invalid:\d+/,
    );
  });

  test.each([
    ['password', { password: 'hush' }],
    ['user', { username: 'stranger', password: 'hush' }],
  ])('that refuses the %s', async (_, parts) => {
    const url = change(parts);
    const { message } = await failure(url.href);
    expect(message).toMatch(
      /^PostgreSQL at 127\.0\.0\.1:\d+ refuses the user or the password \(.*\): correct the database URL\.$/,
    );
    expect(message).not.toContain('hush');
    await expect(migrate(url.href)).rejects.toThrow(message);
  });

  test('that has no such database', async () => {
    expect((await failure(change({ pathname: '/nothing' }).href)).message).toMatch(
      /^PostgreSQL at 127\.0\.0\.1:\d+ has no database "nothing": create it \(createdb nothing\), or correct/,
    );
  });

  test('that does not speak TLS', async () => {
    expect((await failure(change({ search: '?sslmode=verify-full' }).href)).message).toMatch(
      /^PostgreSQL at 127\.0\.0\.1:\d+ cannot be used \(The server does not support SSL connections\)/,
    );
  });

  test.each(['postgresql://me:hush@:99999999/x', 'postgresql://me:hush@host/%'])(
    'an URL that is none: %s',
    async (url) => {
      const { message, exitCode } = await failure(url);
      expect(message).toMatch(/^The database URL must look like postgresql:/);
      expect(message).not.toContain('hush');
      expect(exitCode).toBe(2);
    },
  );

  test('is named without its password', async () => {
    const database = await openDatabase(postgresUrl ?? '');
    expect(database.name).toBe(`PostgreSQL database postgres at ${new URL(postgresUrl ?? '').host}`);
    await database.close();
  });
});
