import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FileAnalysis } from '../../src/analysis/file-analysis.ts';
import { LogFile } from '../../src/analysis/log-file.ts';
import { freshDirectory } from '../support/directory.ts';

const run = promisify(execFile);
const analyze = (...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../server/cli.ts'), 'analyze', ...args]);

const clock = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString();

/** Two hours with two entries a minute, and a hundred refusals in the ninetieth. */
const log = Array.from({ length: 120 }, (_, minute) => [
  `${clock(minute)} INFO shop.cart: added item ${minute} to cart of user-${minute * 7}`,
  `${clock(minute)} INFO shop.cart: removed item ${minute} from cart of user-${minute * 7}`,
  ...Array.from(
    { length: minute === 90 ? 100 : 0 },
    (_, port) => `${clock(minute)} ERROR shop.db: connection to 10.0.0.${port}:5432 refused`,
  ),
])
  .flat()
  .map((line) => `${line}\n`)
  .join('');

test('a log is told by its patterns and what is unusual in it, plain or compressed', async () => {
  const directory = await freshDirectory();
  const [plain, compressed] = [join(directory, 'app.log'), join(directory, 'app.log.gz')];
  await writeFile(plain, log);
  await writeFile(compressed, gzipSync(log));
  const { stdout } = await analyze(plain);
  expect(stdout).toContain('340 entries');
  expect(stdout).toMatch(/120 +35 % +INFO +"added item <\*> to cart of /);
  expect(stdout).toMatch(/100 +29 % +ERROR +"connection to <\*> refused"/);
  expect(stdout).toMatch(/(?:HIGH|MEDIUM) .*connection to <\*> refused.*11:30 UTC/);
  expect((await analyze(compressed)).stdout).toBe(stdout);
});

test('the template of each line is written as CSV', async () => {
  const directory = await freshDirectory();
  const [file, csv] = [join(directory, 'app.log'), join(directory, 'templates.csv')];
  await writeFile(file, log);
  await analyze(file, '--templates', csv);
  const rows = (await readFile(csv, 'utf8')).trimEnd().split('\n');
  expect(rows).toHaveLength(341);
  expect(rows[0]).toBe('LineId,EventTemplate');
  expect(rows[340]).toMatch(/^340,"removed item <\*> from cart of /);
});

test('lines are those of any other log: of UTF-16, and whatever characters stand in them', async () => {
  const directory = await freshDirectory();
  const [file, csv] = [join(directory, 'app.log'), join(directory, 'templates.csv')];
  const lines = ['started job 1', 'said "a\u2028b" to job 2', 'ended\rjob 3'];
  await writeFile(file, Buffer.from(`\ufeff${lines.join('\n')}`, 'utf16le'));
  await analyze(file, '--templates', csv);
  const rows = (await readFile(csv, 'utf8')).trimEnd().split('\n');
  expect(rows).toHaveLength(4);
  expect(rows[1]).toBe('1,"started job <*>"');
});

test('the log itself is not written over by its templates', async () => {
  const file = join(await freshDirectory(), 'app.log');
  await writeFile(file, log);
  await expect(analyze(file, '--templates', file)).rejects.toMatchObject({
    code: 2,
    stderr: `${file} is the log itself; write the templates to another file.\n`,
  });
  expect(await readFile(file, 'utf8')).toBe(log);
});

test('a log that is written to meanwhile is told as it was', async () => {
  const file = join(await freshDirectory(), 'app.log');
  // Longer than what is read ahead.
  await writeFile(file, log.repeat(50));
  let told = 0;
  const report = await new FileAnalysis(await LogFile.open(file)).report(async (records) => {
    if (told === 0) await appendFile(file, `${clock(130)} FATAL out of memory\n`.repeat(20_000));
    told += records.length;
  });
  expect(told).toBe(50 * 340);
  expect(report.entryCount).toBe(50 * 340);
  expect(report.levels.reduce((sum, { count }) => sum + count, 0)).toBe(50 * 340);
});

test('of a file that is not there a sentence is printed, and the exit code is not 0', async () => {
  await expect(analyze('/nowhere/app.log')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Cannot analyze \/nowhere\/app\.log: ENOENT.*\n$/),
  });
});
