import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { Crowd } from './fanout/crowd.ts';
import { startPeer, startTailql, type Target } from './fanout/target.ts';
import { cpuSeconds } from './follow/cpu.ts';
import { rssBytes } from './rss.ts';
import { median, quantile, ratio, rounded } from './sample.ts';

/** Entries, and messages, that may be under way: fewer than Tailql keeps for its readers, and than Yoga's pubsub holds. */
const mostEntries = 8000;
const mostMessages = 800;

export const fanout: Bench = {
  name: 'fanout',
  about:
    'Entries to many WebSocket subscribers, beside ws sending one prepared string, and stock graphql-yoga with graphql-ws.',
  async run(stage) {
    const isQuick = stage.length === 'quick';
    const [rounds, ms] = isQuick ? [1, 1500] : [3, 3000];
    const targets = [await startPeer(stage, 'stock'), await startPeer(stage, 'raw ws'), await startTailql(stage)];
    // A server that has just started runs code that is not compiled yet; one that has run for a while does not.
    for (const target of targets) {
      stage.say(`warming up: ${target.name}`);
      await measure(stage, target, { subscribers: 10, batch: 20, ms: 3000, perSecond: 50, round: 0 });
    }
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const subscribers of isQuick ? [1, 100] : [1, 100, 1000]) {
      for (const batch of isQuick ? [20] : [1, 20, 200]) {
        const results = new Map<Target['name'], Result[]>(targets.map(({ name }) => [name, []]));
        for (let round = 1; round <= rounds; round++) {
          // The slowest comes first: the others get half of what it can for their latencies, as it does.
          let perSecond = Number.POSITIVE_INFINITY;
          for (const target of targets) {
            stage.say(`${subscribers} subscribers, batches of ${batch}, round ${round} of ${rounds}: ${target.name}`);
            const result = await measure(stage, target, { subscribers, batch, ms, perSecond, round });
            perSecond = Math.min(perSecond, result.entriesPerS / subscribers / batch / 2);
            results.get(target.name)?.push(result);
          }
        }
        add(report, { subscribers, batch }, results);
      }
    }
    return report;
  },
};

interface Measurement {
  subscribers: number;
  batch: number;
  /** How long each part takes, about. */
  ms: number;
  /** Messages a second to each subscriber, for latencies, at most; the half of what it can is not exceeded either. */
  perSecond: number;
  round: number;
}

type Result = Awaited<ReturnType<typeof measure>>;

async function measure(stage: Stage, target: Target, { subscribers, batch, ms, perSecond, round }: Measurement) {
  const crowd = await Crowd.of(stage, subscribers, target.subscription(batch));
  try {
    const name = `${subscribers}-${batch}-${round}`;
    await warmUp(crowd, target, batch, `warm-up-${name}`);
    await fill(crowd, target, batch, `hot-${name}`, ms / 2);
    const before = cpuSeconds(target.pid);
    const { count, seconds } = await fill(crowd, target, batch, `full-${name}`, ms);
    const delivered = count * subscribers;
    const cpuS = cpuSeconds(target.pid) - before;
    const rssMB = rssBytes(target.pid) / 1e6;
    const rate = Math.min(perSecond, delivered / seconds / subscribers / batch / 2, 200);
    await pace(crowd, target, batch, `paced-${name}`, { rate, ms });
    const latencies = await crowd.latencies();
    return {
      entriesPerS: delivered / seconds,
      cpuUsPerEntry: (cpuS / delivered) * 1e6,
      cores: cpuS / seconds,
      rssMB,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    };
  } finally {
    await crowd.leave();
  }
}

/** Until every subscriber has got something. */
async function warmUp(crowd: Crowd, target: Target, batch: number, run: string): Promise<void> {
  await crowd.begin(run);
  let allowed = 0;
  for (; crowd.got <= 0; await sleep(50)) {
    if (allowed > mostEntries * batch) throw new Error('Not all subscribers get something.');
    allowed += batch;
    target.allow(run, batch, allowed);
  }
  await crowd.reach(allowed);
}

/** As much as gets through in so much time. */
async function fill(crowd: Crowd, target: Target, batch: number, run: string, ms: number) {
  await crowd.begin(run);
  const window = Math.min(mostEntries, mostMessages * batch);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() < startedAt + ms) {
    count = Math.max(count, crowd.got + window);
    target.allow(run, batch, count);
    await crowd.reach(count - window + batch);
  }
  await crowd.reach(count);
  return { count, seconds: (performance.now() - startedAt) / 1000 };
}

/** A message after the other, at a steady rate. */
async function pace(
  crowd: Crowd,
  target: Target,
  batch: number,
  run: string,
  { rate, ms }: { rate: number; ms: number },
): Promise<void> {
  await crowd.begin(run);
  const messages = Math.max(3, Math.floor((rate * ms) / 1000));
  const startedAt = performance.now();
  for (let sent = 1; sent <= messages; sent++) {
    target.allow(run, batch, sent * batch);
    await sleep(startedAt + (sent / rate) * 1000 - performance.now());
  }
  await crowd.reach(messages * batch);
}

function add(
  { rows, goals }: Report,
  { subscribers, batch }: Pick<Measurement, 'subscribers' | 'batch'>,
  results: Map<Target['name'], Result[]>,
): void {
  const of = (name: Target['name'], figure: keyof Result) =>
    rounded(median((results.get(name) ?? []).map((result) => result[figure])));
  for (const server of ['raw ws', 'stock', 'tailql'] as const) {
    const entriesPerS = of(server, 'entriesPerS');
    rows.push({
      subscribers,
      batch,
      server,
      entriesPerS,
      oursByIt: ratio(of('tailql', 'entriesPerS'), entriesPerS),
      cpuUsPerEntry: of(server, 'cpuUsPerEntry'),
      cores: of(server, 'cores'),
      p50Ms: of(server, 'p50Ms'),
      p99Ms: of(server, 'p99Ms'),
      rssMB: of(server, 'rssMB'),
    });
  }
  const goal = (peer: 'raw ws' | 'stock', least: number) => {
    const achieved = ratio(of('tailql', 'entriesPerS'), of(peer, 'entriesPerS'));
    const what = `${subscribers} subscribers, batches of ${batch}: at least ${least} of ${peer} (${achieved})`;
    goals.push({ goal: what, result: achieved >= least ? 'met' : 'missed' });
  };
  if (batch !== 20) return;
  if (subscribers === 1) goal('stock', 4);
  if (subscribers === 100) goal('stock', 9);
  if (subscribers > 1) goal('raw ws', subscribers === 100 ? 0.9 : 0.85);
}
