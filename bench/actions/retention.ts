import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Report, Stage } from '../bench.ts';
import { quantile, ratio, rounded } from '../sample.ts';
import { type Server, startServer } from '../server.ts';
import { fill } from './fill.ts';
import { below } from './goal.ts';
import { atPace } from './pace.ts';
import { report as reportOf } from './sample.ts';

/** 2,000 actions a second. */
const [batchSize, everyMs] = [100, 50];

const document = 'mutation ($input: RecordActionsInput!) { recordActions(input: $input) { __typename } }';

const archive = `mutation ($before: DateTime!) { archiveActions(before: $before) { __typename } }`;

const clear = `mutation ($before: DateTime!) {
  clearActions(input: { before: $before }) { ... on ClearActionsPayload { cleared } ... on Error { message } }
}`;

/** What removing actions, which are archived already, does to whoever writes meanwhile. */
export async function retention(stage: Stage): Promise<Report> {
  const [count, seconds] = stage.length === 'quick' ? [200_000, 5] : [5_000_000, 30];
  stage.say(`retention: writing ${count.toLocaleString('en')} actions`);
  await fill(`file:${join(stage.directory, 'data', 'tailql.db')}`, { count, days: 1 });
  const server = await startServer(stage, []);
  const before = new Date();
  stage.say('retention: archiving');
  // Days that are over the server archives by itself, soon after it was started.
  while (!(await server.query(archive, { before })).includes('ArchiveActionsPayload')) await sleep(1000);
  stage.say('retention: writing alone');
  const started = performance.now();
  const alone = await write(server, () => performance.now() - started > seconds * 1000);
  stage.say('retention: writing while actions are removed');
  let state: 'removing' | 'done' = 'removing';
  const removing = server.query(clear, { before }).finally(() => {
    state = 'done';
  });
  const beginning = performance.now();
  const meanwhile = await write(server, () => state === 'done');
  const tookMs = performance.now() - beginning;
  const answer = z.object({ data: z.object({ clearActions: z.object({ cleared: z.string() }) }) });
  const { cleared } = answer.parse(JSON.parse(await removing)).data.clearActions;
  const [aloneMs, meanwhileMs] = [quantile(alone, 0.99), quantile(meanwhile, 0.99)].map(rounded);
  return {
    rows: [
      { writing: 'alone', 'p50 ms': rounded(quantile(alone, 0.5)), 'p99 ms': aloneMs ?? Number.NaN },
      {
        writing: `while ${cleared} actions are removed`,
        'p50 ms': rounded(quantile(meanwhile, 0.5)),
        'p99 ms': meanwhileMs ?? Number.NaN,
        'removed per s': rounded(Number(cleared) / (tookMs / 1000)),
      },
    ],
    goals: [
      below(
        'p99 of writing while actions are removed, of that alone',
        ratio(meanwhileMs ?? Number.NaN, aloneMs ?? Number.NaN),
        2,
      ),
    ],
    problems: Number(cleared) >= count ? [] : [`${count} actions were to be removed, and ${cleared} were.`],
  };
}

/** How long each call took, in ms. */
async function write(server: Server, until: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  let number = 0;
  await atPace(everyMs, until, async () => {
    const actions = Array.from({ length: batchSize }, () => reportOf(number++));
    const started = performance.now();
    await server.query(document, { input: { actions } });
    taken.push(performance.now() - started);
  });
  return taken;
}
