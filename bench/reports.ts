import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeAccessLog } from './access-log.ts';
import { mixedMessages } from './analysis/mixed.ts';
import type { Bench, Report, Row, Stage } from './bench.ts';
import { AnalysisClient, type Analyzed } from './reports/client.ts';
import { median, ratio, rounded } from './sample.ts';
import { isInstalled, run } from './search/command.ts';
import { type Server, startServer } from './server.ts';

const gigabyte = 1_000_000_000;
const mebibyte = 2 ** 20;

/** What the figures should be. */
const goals = { secondsPerGigabyte: 6, rssMiB: 300, loopMs: 20 };

export const reports: Bench = {
  name: 'reports',
  about:
    'A complete analysis through the API, followed with urql: an access log, beside lnav that counts it; an upload.',
  async run(stage) {
    const [rounds, bytes, uploadBytes] = stage.length === 'quick' ? [1, gigabyte / 10, 20e6] : [3, gigabyte, 200e6];
    const log = join(stage.directory, 'access.log');
    stage.say(`writing an access log of ${bytes / 1e6} MB`);
    const lines = await writeAccessLog(log, bytes);
    const loopFile = join(stage.directory, 'loop-delay');
    process.env.BENCH_LOOP_DELAY = loopFile;
    const monitor = fileURLToPath(new URL('./reports/loop-delay.mjs', import.meta.url));
    const server = await startServer(
      stage,
      [{ name: 'access', path: log, format: 'NGINX_ACCESS' }],
      ['--import', monitor],
    );
    const client = new AnalysisClient(server);
    const report: Report = { rows: [], goals: [], problems: [] };
    const source = await server.sourceId('access');

    // Code that runs for the first time is slow, and the first analysis starts threads.
    const first = await measured(server, loopFile, () => client.analyze(source));
    report.rows.push({ what: 'access log, the first analysis', ...first.row, entries: first.result.entries });
    const [ours, lnavs]: [Measured<Analyzed>[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      stage.say(`round ${round} of ${rounds}`);
      ours.push(await measured(server, loopFile, () => client.analyze(source)));
      if (isInstalled('lnav')) lnavs.push(await countedByLnav(stage, log, lines, report));
    }
    for (const { row, result } of ours) {
      report.rows.push({ what: 'access log', ...row, events: result.events, entries: result.entries });
      if (result.entries !== lines)
        report.problems.push(`There were ${lines} lines, and ${result.entries} were analyzed.`);
    }
    const seconds = median(ours.map((one) => one.seconds));
    for (const lnav of lnavs) report.rows.push({ what: 'access log: lnav counts its lines', seconds: rounded(lnav) });
    if (lnavs.length > 0) report.rows.push({ what: 'ratio of the medians', seconds: ratio(seconds, median(lnavs)) });
    else report.rows.push({ what: 'left out: lnav (not installed)' });

    const text = Buffer.from(`${textLines(uploadBytes).join('\n')}\n`);
    for (const [what, name] of [
      ['the first upload', 'first.log'],
      ['upload', 'second.log'],
    ] as const) {
      const { row, result } = await measured(server, loopFile, async () =>
        client.analyze(await client.upload(name, text)),
      );
      const { events, entries } = result;
      report.rows.push({
        what: `${what} of ${rounded(text.length / 1e6)} MB of text, analyzed`,
        ...row,
        events,
        entries,
      });
    }

    const perGigabyte = seconds / (bytes / gigabyte);
    const loopMs = Math.max(...ours.map((one) => one.loopMs));
    const rssMiB = Math.max(...ours.map((one) => one.rssMiB));
    for (const [goal, figure, most] of [
      ['s for a GB of an access log', perGigabyte, goals.secondsPerGigabyte],
      ['MiB of memory, at most', rssMiB, goals.rssMiB],
      ['ms without the event loop, at most', loopMs, goals.loopMs],
    ] as const) {
      report.goals.push({ goal: `${rounded(figure)} ${goal} (${most})`, result: figure <= most ? 'met' : 'missed' });
    }
    return report;
  },
};

interface Measured<Result> {
  row: Row;
  seconds: number;
  /** Since the server started. */
  rssMiB: number;
  loopMs: number;
  result: Result;
}

async function measured<Result>(
  { pid }: Server,
  loopFile: string,
  work: () => Promise<Result>,
): Promise<Measured<Result>> {
  process.kill(pid, 'SIGUSR2');
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  // It is written five times a second.
  await sleep(500);
  const loopMs = Number(readFileSync(loopFile, 'utf8'));
  const rssMiB = peakOf(pid) / mebibyte;
  const row = { seconds: rounded(seconds), 'peak RSS MiB': rounded(rssMiB), 'loop at most ms': rounded(loopMs) };
  return { row, seconds, rssMiB, loopMs, result };
}

/** Most memory that a process ever had, in bytes; proc(5). */
const peakOf = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Seconds that lnav takes to load the log and count its lines. */
async function countedByLnav({ directory }: Stage, log: string, lines: number, report: Report): Promise<number> {
  const start = performance.now();
  const args = ['-n', '-c', ';SELECT count(*) FROM access_log', '-c', ':write-csv-to -', log];
  const count = Number((await run('lnav', args, directory)).trim().split('\n').at(-1));
  if (count !== lines) report.problems.push(`lnav counted ${count} lines of ${lines}.`);
  return (performance.now() - start) / 1000;
}

/** Lines of three applications, of about so many bytes together. */
function textLines(bytes: number): string[] {
  const messages = mixedMessages(Math.floor(bytes / 100));
  const start = Date.UTC(2026, 10, 1);
  return messages.map((message, index) => {
    const level = index % 500 === 0 ? 'ERROR' : index % 40 === 0 ? 'WARN' : 'INFO';
    return `${new Date(start + index * 30).toISOString()} ${level} ${message}`;
  });
}
