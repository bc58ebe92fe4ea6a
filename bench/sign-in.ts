import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { stampedLine } from './latency/stamp.ts';
import { Subscriber } from './latency/subscriber.ts';
import { median, quantile, rounded } from './sample.ts';
import { type Server, startServer } from './server.ts';

const loginsPerSecond = 200;
const linesPerSecond = 50;

const password = 'correct horse battery';

const register = `mutation ($username: String!, $password: String!) {
  register(input: { username: $username, password: $password }) { __typename } }`;
const login = `mutation ($username: String!, $password: String!) {
  login(input: { username: $username, password: $password }) { __typename } }`;

export const signIn: Bench = {
  name: 'sign-in',
  about: 'What the time of a wrong password says of the name, and what a flood of sign-ins does to a tail.',
  async run(stage) {
    const path = join(stage.directory, 'app.log');
    await writeFile(path, '');
    const settings = {
      auth: { registration: 'OPEN' },
      // To measure what lies behind them.
      limits: { maxSignInsPerAddress: 1_000_000, maxWrongPasswords: 1_000_000 },
    };
    const server = await startServer(stage, [{ name: 'app', path, format: 'JSON_LINES' }], [], settings);
    await server.query(register, { username: 'ada', password });
    const [names, tail] = [await compareNames(stage, server), await flood(stage, server, path)];
    return {
      rows: [...names.rows, ...tail.rows],
      goals: [...names.goals, ...tail.goals],
      problems: [...names.problems, ...tail.problems],
    };
  },
};

/** Tries take turns, so that whatever else the machine does is in both. */
async function compareNames(stage: Stage, server: Server): Promise<Report> {
  const tries = stage.length === 'quick' ? 20 : 500;
  const times = { ada: [] as number[], nobody: [] as number[] };
  const problems = new Set<string>();
  stage.say(`${tries} wrong passwords for each of two names`);
  for (let index = 0; index < tries; index++) {
    // Now the one is first, now the other.
    for (const username of index % 2 === 0 ? (['ada', 'nobody'] as const) : (['nobody', 'ada'] as const)) {
      const started = performance.now();
      const answer = await server.query(login, { username, password: 'wrong password' });
      times[username].push(performance.now() - started);
      if (!answer.includes('InvalidCredentialsError')) problems.add(answer);
    }
  }
  const [known, unknown] = [median(times.ada), median(times.nobody)];
  const percent = rounded((100 * Math.abs(known - unknown)) / Math.max(known, unknown));
  return {
    rows: [
      {
        tries,
        'known name, median ms': rounded(known),
        'unknown name, median ms': rounded(unknown),
        'apart %': percent,
      },
    ],
    goals: [{ goal: `medians at most 5 % apart (${percent} %)`, result: percent <= 5 ? 'met' : 'missed' }],
    problems: [...problems],
  };
}

/** Lines come to a tail at an even pace, first in peace and then while far more sign in than can. */
async function flood(stage: Stage, server: Server, path: string): Promise<Report> {
  const seconds = stage.length === 'quick' ? 5 : 30;
  const subscriber = await Subscriber.toTailql(server, await server.sourceId('app'), { maxLatencyMs: 0 });
  stage.defer(() => subscriber.close());
  const report: Report = { rows: [], goals: [], problems: [] };
  // Until it is live, what is written may be from before it began.
  for (let line = 0; subscriber.count('first') === 0; line++) {
    await appendFile(path, stampedLine('first', line));
    await sleep(50);
  }
  for (const run of ['peace', 'flood'] as const) {
    stage.say(`a tail in ${run}, for ${seconds} s`);
    const logins: Promise<string>[] = [];
    const count = seconds * linesPerSecond;
    const started = performance.now();
    for (let line = 0; line < count; line++) {
      await appendFile(path, stampedLine(run, line));
      for (let index = 0; run === 'flood' && index < loginsPerSecond / linesPerSecond; index++) {
        logins.push(server.query(login, { username: 'ada', password: 'wrong password' }).catch(String));
      }
      await sleep(Math.max(0, started + ((line + 1) * 1000) / linesPerSecond - performance.now()));
    }
    const patience = performance.now() + 10_000;
    while (subscriber.count(run) < count && performance.now() < patience) await sleep(10);
    const answers = await Promise.all(logins);
    const { latencies } = subscriber.result(run);
    if (latencies.length !== count) report.problems.push(`${count} lines were written, and ${latencies.length} came.`);
    const p99 = rounded(quantile(latencies, 0.99));
    report.rows.push({
      tail: run,
      'logins/s': run === 'flood' ? loginsPerSecond : 0,
      'turned away': answers.filter((answer) => answer.includes('LimitReachedError')).length,
      'p50 ms': rounded(median(latencies)),
      'p99 ms': p99,
    });
    if (run === 'flood') {
      report.goals.push({ goal: `p99 of a tail under 500 ms (${p99} ms)`, result: p99 < 500 ? 'met' : 'missed' });
    }
  }
  return report;
}
