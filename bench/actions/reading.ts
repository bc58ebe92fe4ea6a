import { join } from 'node:path';
import type { Report, Stage } from '../bench.ts';
import { quantile, rounded } from '../sample.ts';
import { type Server, startServer } from '../server.ts';
import { fill } from './fill.ts';
import { below } from './goal.ts';

const days = 30;
const dayMs = 86_400_000;

/** Times each question is asked; each time about another stretch of time. */
const times = 15;

interface Question {
  about: string;
  /** ms, of the median. */
  bound: number;
  query: string;
  variables(time: number): Record<string, unknown>;
}

const statsDocument = `query ($filter: ActionFilter) {
  actionStats(filter: $filter) {
    total failed failureRate duration { meanMs p50Ms p95Ms p99Ms maxMs }
    byService(first: 10) { service total failed duration { p99Ms } }
  }
}`;

const timelineDocument =
  'query ($filter: ActionFilter) { actionStats(filter: $filter) { timeline { from total failed } } }';

const listDocument = `query ($filter: ActionFilter) {
  actions(last: 100, filter: $filter) { nodes { timestamp service action status durationMs error } }
}`;

const startOfDay = (time: number) => Math.floor(time / dayMs) * dayMs;
const at = (ago: number) => new Date(Date.now() - ago).toISOString();

/** Not at the edge of anything. */
const ragged = (time: number) => ({
  from: at((days - 2) * dayMs - time * 7_654_321),
  to: at(time * 3_456_789 + 12_345),
});

const wholeDays = (time: number) => ({
  from: new Date(startOfDay(Date.now()) - (days - 1 - (time % 5)) * dayMs),
  to: new Date(startOfDay(Date.now())),
});

const questions: Question[] = [
  {
    about: 'statistics, whole days',
    bound: 20,
    query: statsDocument,
    variables: (time) => ({ filter: wholeDays(time) }),
  },
  { about: 'statistics, any range', bound: 60, query: statsDocument, variables: (time) => ({ filter: ragged(time) }) },
  ...Object.entries({
    service: { services: ['service-3'] },
    action: { actions: ['mail.send'] },
    status: { status: 'FAILED' },
  }).map(
    ([name, filter]): Question => ({
      about: `statistics, any range, of a ${name}`,
      bound: 100,
      query: statsDocument,
      variables: (time) => ({ filter: { ...filter, ...ragged(time) } }),
    }),
  ),
  {
    about: 'timeline, whole days',
    bound: 60,
    query: timelineDocument,
    variables: (time) => ({ filter: wholeDays(time) }),
  },
  { about: 'timeline, any range', bound: 60, query: timelineDocument, variables: (time) => ({ filter: ragged(time) }) },
  ...Object.entries({
    everything: {},
    'a frequent service': { services: ['service-0'] },
    'a rare service': { services: ['service-19'] },
    'an action': { actions: ['mail.send'] },
    failures: { status: 'FAILED' },
    'a text in all failures': { contains: 'upstream' },
    'a text in a name': { contains: 'service-17' },
    'from an hour ago': { from: at(3_600_000) },
    'to three weeks ago': { to: at(21 * dayMs) },
    'at least 1 s': { minDurationMs: 1000 },
    'at least 2 s': { minDurationMs: 2000 },
    'at most 1 ms': { maxDurationMs: 1 },
  }).map(
    ([name, filter]): Question => ({
      about: `last 100: ${name}`,
      bound: 10,
      query: listDocument,
      variables: () => ({ filter }),
    }),
  ),
];

/** What people look at, over the wire, in a log of a month. */
export async function reading(stage: Stage): Promise<Report> {
  const count = stage.length === 'quick' ? 500_000 : 10_000_000;
  stage.say(`reading: writing ${count.toLocaleString('en')} actions`);
  await fill(`file:${join(stage.directory, 'data', 'tailql.db')}`, { count, days });
  const server = await startServer(stage, []);
  const report: Report = { rows: [], goals: [], problems: [] };
  for (const question of questions) {
    const { about, bound } = question;
    stage.say(`reading: ${about}`);
    const taken = await ask(server, question);
    const p50Ms = rounded(quantile(taken, 0.5));
    report.rows.push({ [`of ${count} actions`]: about, 'p50 ms': p50Ms, 'max ms': rounded(quantile(taken, 1)) });
    report.goals.push(below(`${about}, ms`, p50Ms, bound));
  }
  return report;
}

async function ask(server: Server, { query, variables }: Question): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const asked = variables(time);
    const started = performance.now();
    const text = await server.query(query, asked);
    taken.push(performance.now() - started);
    if (text.includes('"errors"')) throw new Error(text);
  }
  return taken;
}
