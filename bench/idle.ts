import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { cpuSeconds } from './follow/cpu.ts';
import { rssBytes } from './rss.ts';
import { median, rounded } from './sample.ts';
import { type LogFile, startServer } from './server.ts';

const files = 1000;
const mebibyte = 2 ** 20;

export const idle: Bench = {
  name: 'idle',
  about: `What ${files.toLocaleString('en')} configured logs cost that nobody reads, beside none.`,
  async run(stage) {
    const [rounds, seconds] = stage.length === 'quick' ? [1, 10] : [3, 60];
    const report: Report = { rows: [], goals: [], problems: [] };
    const [none, many]: [Measured[], Measured[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      none.push(await measure(stage, `none-${round}`, 0, seconds));
      many.push(await measure(stage, `many-${round}`, files, seconds));
    }
    for (const measured of [none, many]) report.rows.push(...measured);
    const of = (measured: Measured[], figure: keyof Measured) => median(measured.map((one) => one[figure]));
    const more = (figure: keyof Measured) => rounded(of(many, figure) - of(none, figure));
    const cpuPercent = of(many, 'cpuPercent');
    for (const [start, mebibytes] of [
      ['the first', more('firstRssMiB')],
      ['a later', more('rssMiB')],
    ] as const) {
      const result = mebibytes * mebibyte <= 20e6 ? 'met' : 'missed';
      report.goals.push({ goal: `at most 20 MB of memory after ${start} start (${mebibytes} MiB)`, result });
    }
    report.goals.push({ goal: `at most 1 % of a core (${cpuPercent} %)`, result: cpuPercent <= 1 ? 'met' : 'missed' });
    return report;
  },
};

type Measured = { logs: number; firstRssMiB: number; rssMiB: number; cpuPercent: number };

async function measure(stage: Stage, name: string, count: number, seconds: number): Promise<Measured> {
  const directory = join(stage.directory, name);
  await mkdir(directory);
  const names = Array.from({ length: count }, (_, number) => `log-${number}`);
  const sources = names.map((name) => ({ name, path: join(directory, `${name}.log`), format: 'TEXT' }));
  for (const { path } of sources) await writeFile(path, 'one line\n');
  stage.say(`${name}: waiting for ${seconds} s`);
  // The first start makes a row for each log; later ones find them.
  const first = await run({ ...stage, directory }, sources, 1);
  return { logs: count, firstRssMiB: first.rssMiB, ...(await run({ ...stage, directory }, sources, seconds)) };
}

/** Runs the server for so many seconds. */
async function run(stage: Stage, sources: LogFile[], seconds: number) {
  const undos: (() => Promise<void> | void)[] = [];
  try {
    const server = await startServer({ ...stage, defer: (undo) => undos.push(undo) }, sources, collectable);
    // A server that has answered once: what is loaded late is loaded.
    await server.query('{ sources(first: 2) { nodes { name state } } }', {});
    const before = cpuSeconds(server.pid);
    await sleep(seconds * 1000);
    const cpuPercent = rounded(((cpuSeconds(server.pid) - before) / seconds) * 100);
    // What one collection frees is given back to the system by the next.
    for (let round = 0; round < 3; round++) {
      process.kill(server.pid, 'SIGUSR2');
      await sleep(1000);
    }
    return { rssMiB: rounded(rssBytes(server.pid) / mebibyte), cpuPercent };
  } finally {
    for (const undo of undos.reverse()) await undo();
  }
}

/** Node that collects its garbage on a signal: else chance decides how much of it is counted. */
const collectable = ['--expose-gc', '--import', "data:text/javascript,process.on('SIGUSR2',()=>gc())"];
