import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { defaultConfig } from '../src/config.ts';
import { Chain } from '../src/file/chain.ts';
import { Unpacker } from '../src/file/unpack.ts';
import { readPage } from '../src/history/page.ts';
import { writeAccessLog } from './access-log.ts';
import type { Bench, Report } from './bench.ts';
import { median, quantile, ratio, rounded } from './sample.ts';
import { startServer } from './server.ts';

const mega = 1_000_000;
const count = 100;

export const tail: Bench = {
  name: 'tail',
  about: `The last ${count} entries of files of several sizes over HTTP, beside tail -n ${count}.`,
  async run(stage) {
    const sizes = stage.length === 'quick' ? [1, 100, 500] : [1, 100, 2000];
    const rounds = stage.length === 'quick' ? 200 : 1000;
    const files = sizes.map((size) => ({ size, name: `${size}mb`, path: join(stage.directory, `${size}mb.log`) }));
    for (const { size, path } of files) {
      stage.say(`writing an access log of ${size} MB`);
      await writeAccessLog(path, size * mega);
    }
    const server = await startServer(
      stage,
      files.map(({ name, path }) => ({ name, path, format: 'NGINX_ACCESS' })),
    );
    const subjects = await Promise.all(
      files.map(async ({ size, name, path }) => {
        const unpacker = new Unpacker(join(stage.directory, 'unpacked'), defaultConfig().limits);
        const chain = new Chain({ kind: 'rotated', path }, () => true, unpacker);
        const id = await server.sourceId(name);
        const times = { http: [] as number[], engine: [] as number[], tail: [] as number[] };
        return { size, path, chain, id, times };
      }),
    );
    const page = { after: null, before: null, take: { last: count }, sieve: null };
    const limits = { ...defaultConfig().limits, begins: null };
    // The first are for the compiler to see what is hot.
    const warmUp = Math.ceil(rounds / 10);
    stage.say(`asking ${rounds} times`);
    for (let round = -warmUp; round < rounds; round++) {
      for (const { path, chain, id, times } of subjects) {
        const http = await timed(() => server.query(entriesDocument, { id, count }));
        const engine = await timed(() => readPage(chain, page, limits));
        const process = await timed(() => runTail(path));
        if (round === -warmUp) check(http.result, process.result);
        if (round < 0) continue;
        times.http.push(http.ms);
        times.engine.push(engine.ms);
        times.tail.push(process.ms);
      }
    }
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const { size, times } of subjects) {
      const peer = median(times.tail);
      const names = { http: 'tailql, HTTP', engine: 'tailql, in process', tail: `tail -n ${count}, process` };
      for (const way of ['http', 'engine', 'tail'] as const) {
        const p50 = median(times[way]);
        const row = {
          file: `${size} MB`,
          reader: names[way],
          p50Ms: rounded(p50),
          p99Ms: rounded(quantile(times[way], 0.99)),
        };
        report.rows.push(way === 'tail' ? row : { ...row, p50Ratio: ratio(p50, peer) });
      }
    }
    const medians = subjects.map(({ times }) => median(times.http));
    const spread = ratio(Math.max(...medians), Math.min(...medians));
    report.goals.push({
      goal: `cost independent of size: the slowest file takes at most 1.25 times the fastest over HTTP (${spread})`,
      result: spread <= 1.25 ? 'met' : 'missed',
    });
    return report;
  },
};

const entriesDocument = `
  query ($id: ID!, $count: Int!) {
    source(by: { id: $id }) { entries(last: $count) { nodes { cursor message timestamp level } } }
  }
`;

async function timed<Result>(run: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const start = performance.now();
  const result = await run();
  return { ms: performance.now() - start, result };
}

async function runTail(path: string): Promise<string> {
  const child = spawn('tail', ['-n', String(count), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

/** Both must have found the same requests, or their times say nothing. */
function check(answer: string, lines: string): void {
  const requests = (text: string) => [...text.matchAll(/request=(\d+)/g)].map(([, number]) => number);
  const [ours, theirs] = [requests(answer), requests(lines)];
  if (ours.length !== count || ours.join() !== theirs.join()) {
    throw new Error(`The server and tail do not find the same ${count} lines.`);
  }
}
