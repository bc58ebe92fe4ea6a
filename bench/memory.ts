import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { Crowd } from './fanout/crowd.ts';
import { startPeer, startTailql, type Target } from './fanout/target.ts';
import { rssBytes } from './rss.ts';
import { median, rounded } from './sample.ts';

const goalKb = 25;

export const memory: Bench = {
  name: 'memory',
  about: 'Memory of a subscriber that gets nothing, beside ws, and stock graphql-yoga with graphql-ws.',
  async run(stage) {
    const [subscribers, seconds] = stage.length === 'quick' ? [1000, 5] : [5000, 30];
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const target of [
      await startPeer(stage, 'raw ws'),
      await startPeer(stage, 'stock'),
      await startTailql(stage),
    ]) {
      stage.say(`${subscribers} subscribers of ${target.name}`);
      const { beforeMB, kB } = await measure(stage, target, { subscribers, seconds });
      report.rows.push({ server: target.name, subscribers, 'before MB': rounded(beforeMB), 'kB each': rounded(kB) });
      if (target.name !== 'tailql') continue;
      const goal = `at most ${goalKb} kB of memory for each of ${subscribers} idle subscribers (${rounded(kB)})`;
      report.goals.push({ goal, result: kB <= goalKb ? 'met' : 'missed' });
    }
    return report;
  },
};

/** By how much a server grows that has had subscribers before: what the first ones make it load does not count. */
async function measure(
  stage: Stage,
  target: Target,
  { subscribers, seconds }: { subscribers: number; seconds: number },
): Promise<{ beforeMB: number; kB: number }> {
  const first = await crowdOf(stage, target, 100, 'first');
  await first.leave();
  const before = await settled(target.pid, seconds);
  const crowd = await crowdOf(stage, target, subscribers, 'idle');
  const after = await settled(target.pid, seconds);
  await crowd.leave();
  return { beforeMB: before / 1e6, kB: (after - before) / subscribers / 1000 };
}

/** Subscribers that have each got an entry, so that all are there. */
async function crowdOf(stage: Stage, target: Target, count: number, name: string): Promise<Crowd> {
  const crowd = await Crowd.of(stage, count, target.subscription(1));
  const run = `warm-up-${name}`;
  await crowd.begin(run);
  for (let allowed = 1; crowd.got <= 0; allowed++) {
    target.allow(run, 1, allowed);
    await sleep(100);
  }
  return crowd;
}

/** Median of a server's memory (bytes) over so many seconds in which nothing happens. */
async function settled(pid: number, seconds: number): Promise<number> {
  await sleep(5000);
  const samples: number[] = [];
  for (let second = 0; second < seconds; second++) {
    await sleep(1000);
    samples.push(rssBytes(pid));
  }
  return median(samples);
}
