import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Bench, Report, Stage } from './bench.ts';
import { start } from './child.ts';
import { manySockets } from './fanout/target.ts';
import { cpuSeconds } from './follow/cpu.ts';
import { numberedLine } from './lag/line.ts';
import { rssBytes } from './rss.ts';
import { median, quantile, rounded } from './sample.ts';
import { type Server, startServer } from './server.ts';

const [subscribers, linesPerS, mostP99Ms] = [1000, 5000, 250];

/** By how much memory may grow while one does not read, from the first third of that time to the last. */
const mostGrowth = 1.1;

/** Time (ms) between two pings: who does not read for longer than two of them takes counts as gone. */
const patientMs = 300_000;

const document = `
  subscription ($sources: [ID!]!, $delivery: LogDelivery) {
    logTail(sources: $sources, delivery: $delivery) {
      __typename
      ... on LogBatch { entries { raw } }
      ... on LogGap { skippedBytes }
    }
  }`;

const reportSchema = z.object({
  problem: z.string().nullable(),
  latencies: z.array(z.number()),
  readers: z.array(z.object({ begin: z.number(), next: z.number().nullable(), got: z.number(), skipped: z.number() })),
});
type Readers = z.output<typeof reportSchema>;

export const lag: Bench = {
  name: 'lag',
  about: `${subscribers - 1} subscribers of a log of ${linesPerS} lines/s, while one more does not read.`,
  async run(stage) {
    const seconds = stage.length === 'quick' ? 15 : 120;
    const path = join(stage.directory, 'app.log');
    await writeFile(path, '');
    const limits = { ...manySockets, pingIntervalMs: patientMs };
    const server = await startServer(stage, [{ name: 'app', path, format: 'TEXT' }], [], { limits });
    stage.say(`${subscribers} subscribers`);
    const crowd = await crowdOf(stage, server);
    const writer = new Writer(path);
    stage.defer(() => writer.end());
    await until(crowd, ({ readers }) => readers.every(({ next }) => next !== null));
    stage.say(`one of them does not read for ${seconds} s`);
    crowd.send('pause');
    const memory: number[] = [];
    const cpu = cpuSeconds(server.pid);
    for (let second = 0; second < seconds; second++) {
      await sleep(1000);
      memory.push(rssBytes(server.pid) / 1e6);
    }
    const cores = (cpuSeconds(server.pid) - cpu) / seconds;
    const { latencies } = await ask(crowd);
    crowd.send('resume');
    writer.end();
    const end = await until(crowd, ({ readers }) => readers.every(({ next }) => next === writer.count));
    return reportOf({ end, latencies, memory, cores, count: writer.count });
  },
};

/** Appends lines at a steady rate, as many as are due at a time, until it is ended. */
class Writer {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  count = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1000) * linesPerS) - this.count;
      if (due <= 0) return;
      writeSync(this.#file, Array.from({ length: due }, () => numberedLine(this.count++)).join(''));
    }, 1);
  }

  end(): void {
    if (!this.#timer.hasRef()) return;
    clearInterval(this.#timer);
    this.#timer.unref();
    closeSync(this.#file);
  }
}

async function crowdOf(stage: Stage, server: Server): Promise<ChildProcess> {
  const address = new URL(server.url);
  address.protocol = 'ws:';
  const hello = JSON.stringify({ type: 'connection_init', payload: { authorization: server.authorization } });
  const variables = { sources: [await server.sourceId('app')], delivery: { onLag: 'SKIP_WITH_GAP' } };
  const payload = JSON.stringify({ query: document, variables });
  const crowd = start(stage, './lag/readers.ts', address.href, String(subscribers), hello, payload);
  await once(crowd, 'message');
  return crowd;
}

async function ask(crowd: ChildProcess): Promise<Readers> {
  crowd.send('report');
  const [answer] = await once(crowd, 'message');
  return reportSchema.parse(answer);
}

/** Time (ms) after which what was waited for will not come. */
const patienceMs = 60_000;

async function until(crowd: ChildProcess, isSo: (readers: Readers) => boolean): Promise<Readers> {
  for (const end = performance.now() + patienceMs; ; await sleep(200)) {
    const readers = await ask(crowd);
    if (isSo(readers) || performance.now() > end) return readers;
  }
}

function reportOf(run: { end: Readers; latencies: number[]; memory: number[]; cores: number; count: number }): Report {
  const { end, latencies, memory, cores, count } = run;
  const third = Math.floor(memory.length / 3);
  const [early, late] = [median(memory.slice(0, third)), median(memory.slice(-third))];
  const p99Ms = rounded(quantile(latencies, 0.99));
  const [stalled, ...healthy] = end.readers;
  const goal = (text: string, isMet: boolean) => ({
    goal: text,
    result: isMet ? ('met' as const) : ('missed' as const),
  });
  const lacking = end.readers.filter(({ begin, got, skipped }) => begin + got + skipped !== count).length;
  const problems = end.problem === null ? [] : [end.problem];
  if (lacking > 0)
    problems.push(`Of ${count} lines, ${lacking} readers were told of neither all nor what they missed.`);
  return {
    rows: [
      {
        readers: healthy.length,
        'lines/s': linesPerS,
        'p50 ms': rounded(quantile(latencies, 0.5)),
        'p99 ms': p99Ms,
        'skipped, most': Math.max(...healthy.map(({ skipped }) => skipped)),
        cores: rounded(cores),
        'RSS MB': rounded(early),
        'RSS MB, last third': rounded(late),
      },
      { readers: 'who does not read', 'skipped, most': stalled?.skipped ?? Number.NaN },
    ],
    goals: [
      goal(`p99 of those who read under ${mostP99Ms} ms (${p99Ms})`, p99Ms < mostP99Ms),
      goal(`memory stays as it is (${rounded(early)} MB, then ${rounded(late)})`, late <= early * mostGrowth),
      goal('each gets what is written, or is told how much it missed', lacking === 0),
    ],
    problems,
  };
}
