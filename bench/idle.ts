import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { cpuSeconds } from './follow/cpu.ts';
import { rounded } from './sample.ts';
import { startServer } from './server.ts';

const files = 1000;
const mebibyte = 2 ** 20;

export const idle: Bench = {
  name: 'idle',
  about: `What ${files.toLocaleString('en')} configured logs cost that nobody reads, beside none.`,
  async run(stage) {
    const seconds = stage.length === 'quick' ? 10 : 60;
    const report: Report = { rows: [], goals: [], problems: [] };
    const [none, many] = [await measure(stage, 0, seconds), await measure(stage, files, seconds)];
    report.rows.push(none, many);
    const rssMiB = rounded(many.rssMiB - none.rssMiB);
    report.goals.push(
      { goal: `at most 20 MB of memory (${rssMiB} MiB)`, result: rssMiB * mebibyte <= 20e6 ? 'met' : 'missed' },
      { goal: `at most 1 % of a core (${many.cpuPercent} %)`, result: many.cpuPercent <= 1 ? 'met' : 'missed' },
    );
    return report;
  },
};

async function measure(stage: Stage, count: number, seconds: number) {
  const directory = join(stage.directory, String(count));
  await mkdir(directory);
  const names = Array.from({ length: count }, (_, number) => `log-${number}`);
  const sources = names.map((name) => ({ name, path: join(directory, `${name}.log`), format: 'TEXT' }));
  for (const { path } of sources) await writeFile(path, 'one line\n');
  const server = await startServer({ ...stage, directory }, sources, collectable);
  // A server that has answered once: what is loaded late is loaded.
  await server.query('{ sources(first: 2) { nodes { name state } } }', {});
  stage.say(`${count} logs: waiting for ${seconds} s`);
  const before = cpuSeconds(server.pid);
  await sleep(seconds * 1000);
  const cpuPercent = rounded(((cpuSeconds(server.pid) - before) / seconds) * 100);
  // What one collection frees is given back to the system by the next.
  for (let round = 0; round < 3; round++) {
    process.kill(server.pid, 'SIGUSR2');
    await sleep(1000);
  }
  return { logs: count, rssMiB: rounded((await rssBytes(server.pid)) / mebibyte), cpuPercent };
}

/** Node that collects its garbage on a signal: else chance decides how much of it is counted. */
const collectable = ['--expose-gc', '--import', "data:text/javascript,process.on('SIGUSR2',()=>gc())"];

/** Memory of a process that is in use and in RAM; proc_pid_status(5). */
async function rssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
