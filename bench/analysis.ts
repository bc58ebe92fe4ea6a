import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mine } from '../src/analysis/miner.ts';
import { ShapeTable } from '../src/analysis/shape-table.ts';
import { Drain } from './analysis/drain.ts';
import { headersOf } from './analysis/headers.ts';
import { mixedMessages } from './analysis/mixed.ts';
import { predict } from './analysis/predict.ts';
import type { Bench, Report, Row, Stage } from './bench.ts';
import { median, ratio, rounded } from './sample.ts';

const goalPerSecond = 1_000_000;

export const analysis: Bench = {
  name: 'analysis',
  about:
    'Templates of messages: lines per second beside the Drain algorithm; with --score DIR, predictions for labelled logs, and how their headers are read.',
  run: (stage) => (stage.score === undefined ? contest(stage) : predictions(stage, stage.score)),
};

/** Both look at the same messages in one process, taking turns. */
async function contest(stage: Stage): Promise<Report> {
  const messages = mixedMessages(stage.length === 'quick' ? 100_000 : 1_000_000);
  const rounds = stage.length === 'quick' ? 3 : 5;
  const perSecond = { ours: [] as number[], drain: [] as number[] };
  const found = { ours: 0, drain: 0 };
  for (let round = 0; round < rounds; round++) {
    perSecond.ours.push(rate(messages, () => (found.ours = ours(messages))));
    perSecond.drain.push(rate(messages, () => (found.drain = drains(messages))));
    stage.say(`round ${round + 1} of ${rounds}`);
  }
  const best = median(perSecond.ours);
  return {
    rows: [
      {
        messages: messages.length,
        'ours lines/s': rounded(best),
        'drain lines/s': rounded(median(perSecond.drain)),
        ratio: ratio(best, median(perSecond.drain)),
        'our templates': found.ours,
        'drain templates': found.drain,
      },
    ],
    goals: [
      {
        goal: `at least ${goalPerSecond} lines/s in one thread (${rounded(best)})`,
        result: best >= goalPerSecond ? 'met' : 'missed',
      },
    ],
    problems: [],
  };
}

function rate(messages: readonly string[], look: () => void): number {
  const start = performance.now();
  look();
  return (messages.length / (performance.now() - start)) * 1000;
}

function ours(messages: readonly string[]): number {
  const table = new ShapeTable<{ count: number }>({
    create: () => ({ count: 0 }),
    merge: (into, from) => {
      into.count += from.count;
    },
  });
  for (const message of messages) table.of(message).count++;
  return new Set(mine(Array.from(table.entries(), ([shape, { count }]) => ({ shape, count })))).size;
}

function drains(messages: readonly string[]): number {
  const drain = new Drain();
  for (const message of messages) drain.add(message);
  return drain.clusters;
}

/** One CSV for each folder of `directory` that has a log in it, named as the scorer expects. */
async function predictions(stage: Stage, directory: string): Promise<Report> {
  const output = await mkdtemp(join(tmpdir(), 'tailql-templates-'));
  const rows: Row[] = [];
  for (const { name, parentPath } of (await readdir(directory, { withFileTypes: true })).filter((one) =>
    one.isDirectory(),
  )) {
    const folder = join(parentPath, name);
    const log = (await readdir(folder)).find((file) => file.endsWith('.log'));
    if (log === undefined) continue;
    const start = performance.now();
    const result = await predict(join(folder, log), join(output, `${name}.csv`));
    const seconds = rounded((performance.now() - start) / 1000);
    rows.push({ system: name, ...result, 'time s': seconds, ...headersOf(folder) });
    stage.say(name);
  }
  console.log(`Predictions are in ${output}. To score them, with the scorer of the labels:`);
  console.log(`python3 eval.py --suite --gt-dir ${resolve(directory)} --pred-dir ${output}`);
  return { rows, goals: [], problems: rows.length === 0 ? [`No folder of ${directory} has a log in it.`] : [] };
}
