import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { logStart, requestsPerSecond, writeAccessLog } from './access-log.ts';
import type { Bench, Report, Row } from './bench.ts';
import { median, ratio, rounded } from './sample.ts';
import { isInstalled, run } from './search/command.ts';
import { contests } from './search/contest.ts';
import { openInProcess } from './search/in-process.ts';
import { type Server, startServer } from './server.ts';

/** Somebody who is asked, with how long each answer took. */
interface Contestant {
  /** `ours` is divided by each `peer`. */
  side: 'ours' | 'peer';
  name: string;
  rounds: number;
  ask(): Promise<number>;
  times: number[];
  answer: number;
}

export const search: Bench = {
  name: 'search',
  about: 'Searching and counting in an access log, through the API, beside ripgrep, grep and lnav.',
  async run(stage) {
    const [bytes, bigBytes] = stage.length === 'quick' ? [200_000_000, 500_000_000] : [1_000_000_000, 5_000_000_000];
    const rounds = stage.length === 'quick' ? 5 : 15;
    const log = join(stage.directory, 'access.log');
    const big = join(stage.directory, 'big.log');
    stage.say(`writing access logs of ${bytes / 1_000_000} and ${bigBytes / 1_000_000} MB`);
    const lines = await writeAccessLog(log, bytes);
    const bigLines = await writeAccessLog(big, bigBytes);
    const server = await startServer(stage, [
      { name: 'access', path: log, format: 'NGINX_ACCESS' },
      { name: 'big', path: big, format: 'NGINX_ACCESS' },
    ]);
    const id = await server.sourceId('access');
    const count = async (filter: object | null): Promise<number> => {
      const answer = histogram.parse(JSON.parse(await server.query(histogramDocument, { id, filter })));
      const { buckets, complete } = answer.data.node.histogram;
      if (!complete) throw new Error('The server did not count everything.');
      return buckets.reduce((sum, { total }) => sum + Number(total), 0);
    };

    const report: Report = { rows: [], goals: [], problems: [] };
    const all = contests(lines);
    const programs = [...new Set(all.flatMap(({ peers }) => peers.map(({ program }) => program)))];
    const missing = programs.filter((program) => !isInstalled(program));
    for (const program of missing) stage.say(`${program} is not installed, and left out`);
    // A server that answers requests at all takes more memory than one that was just started.
    for (let round = 0; round < 500; round++) await server.query(pageDocument, { id, last: 100 });
    const before = memoryOf(server.pid);
    for (const { name, filter, peers } of all) {
      const contestants: Contestant[] = [
        { side: 'ours', name: 'tailql', rounds, ask: () => count(filter), times: [], answer: 0 },
      ];
      for (const { program, args, rounds: often, answer } of peers) {
        if (missing.includes(program)) continue;
        const ask = async () => answer(await run(program, [...args, log], stage.directory));
        const most = often === 'once' ? 1 : rounds;
        contestants.push({ side: 'peer', name: program, rounds: most, ask, times: [], answer: 0 });
      }
      stage.say(`${name}: ${contestants.map(({ name }) => name).join(', ')}`);
      await takeTurns(contestants, rounds);
      const answers = new Set(contestants.map(({ answer }) => answer));
      if (answers.size > 1) report.problems.push(`${name}: they do not agree, but say ${[...answers].join(', ')}.`);
      report.rows.push(...rowsOf(name, contestants));
    }
    await pages(await server.sourceId('big'), bigLines, { server, rounds, report });
    await inProcess(await openInProcess(stage, big), bigLines, { rounds, report });
    report.rows.push({ task: 'memory', who: 'tailql', growthMB: rounded((memoryOf(server.pid) - before) / 1_000_000) });
    for (const program of missing) report.rows.push({ task: 'left out', who: `${program} (not installed)` });
    putGoals(report, bytes, lines);
    return report;
  },
};

const histogramDocument = `query ($id: ID!, $filter: LogFilter) {
  node(id: $id) { ... on Source { histogram(filter: $filter) { complete buckets { total } } } }
}`;
const histogram = z.object({
  data: z.object({
    node: z.object({
      histogram: z.object({ complete: z.boolean(), buckets: z.array(z.object({ total: z.string() })) }),
    }),
  }),
});

const pageDocument = `query ($id: ID!, $filter: LogFilter, $first: Int, $last: Int) {
  node(id: $id) { ... on Source { entries(filter: $filter, first: $first, last: $last) { nodes { timestamp message } } } }
}`;
const page = z.object({
  data: z.object({ node: z.object({ entries: z.object({ nodes: z.array(z.object({ timestamp: z.string() })) }) }) }),
});

const window = '5 minutes in the middle, 100 of them';

/** What a person does with a log of any size: looks at its end, and at five minutes in the middle. */
async function pages(
  id: string,
  lines: number,
  { server, rounds, report }: { server: Server; rounds: number; report: Report },
): Promise<void> {
  const nodes = async (variables: object) =>
    page.parse(JSON.parse(await server.query(pageDocument, { id, ...variables }))).data.node.entries.nodes;
  const middle = new Date(logStart + (lines / requestsPerSecond / 2) * 1000);
  const filter = { from: middle.toISOString(), to: new Date(middle.getTime() + 300_000).toISOString() };
  for (const [task, variables] of [
    ['last 100', { last: 100 }],
    [window, { first: 100, filter }],
  ] as const) {
    const ask = async () => (await nodes(variables)).length;
    const ours: Contestant = { side: 'ours', name: 'tailql', rounds: 5 * rounds, ask, times: [], answer: 0 };
    await takeTurns([ours], 5 * rounds);
    if (ours.answer !== 100) report.problems.push(`${task}: ${ours.answer} entries came.`);
    report.rows.push(...rowsOf(task, [ours]));
  }
}

/** The same five minutes, of an engine in this process. */
async function inProcess(
  first: (filter: { from: number; to: number }) => Promise<number>,
  lines: number,
  { rounds, report }: { rounds: number; report: Report },
): Promise<void> {
  const from = logStart + (lines / requestsPerSecond / 2) * 1000;
  const ask = () => first({ from, to: from + 300_000 });
  const ours: Contestant = { side: 'ours', name: 'in process', rounds: 5 * rounds, ask, times: [], answer: 0 };
  // Its threads and its code are cold; those of the server have answered for minutes.
  for (let round = 0; round < 5 * rounds; round++) await ask();
  await takeTurns([ours], 5 * rounds);
  if (ours.answer !== 100) report.problems.push(`${window}, in process: ${ours.answer} entries came.`);
  report.rows.push(...rowsOf(window, [ours]));
}

/** Resident memory of a process, in bytes; proc(5). */
const memoryOf = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Each asks once before it counts, if it asks more than once: for the compiler to see what is hot. */
async function takeTurns(contestants: Contestant[], rounds: number): Promise<void> {
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      if (contestant.rounds === 1 ? round !== 0 : round >= contestant.rounds) continue;
      const start = performance.now();
      contestant.answer = await contestant.ask();
      if (round >= 0) contestant.times.push(performance.now() - start);
    }
  }
}

/** Ours have a column for each peer. */
function rowsOf(task: string, contestants: Contestant[]): Row[] {
  const peers = contestants.filter(({ side }) => side === 'peer');
  return contestants.map(({ side, name, times, answer }) => {
    const row: Row = { task, who: name, answer, p50Ms: rounded(median(times)), minMs: rounded(Math.min(...times)) };
    if (side === 'ours') for (const peer of peers) row[`by ${peer.name}`] = ratio(median(times), median(peer.times));
    return row;
  });
}

function putGoals({ rows, goals }: Report, bytes: number, lines: number): void {
  /** A figure of ours, where there is one: a peer may be missing. */
  const put = (task: string, column: string, limit: number, goal: (figure: number) => string, who = 'tailql') => {
    const figure = rows.find((row) => row.task === task && row.who === who)?.[column];
    if (typeof figure === 'number') goals.push({ goal: goal(figure), result: figure <= limit ? 'met' : 'missed' });
  };
  put('rare', 'by rg', 2.5, (figure) => `a rare text in at most 2.5 times the time of rg -c (${figure})`);
  put('rare', 'by grep', 1, (figure) => `a rare text faster than grep -c (${figure})`);
  put('rare, any case', 'by rg', 2, (figure) => `the same in any case in at most twice the time of rg -ci (${figure})`);
  put('rare, any case', 'by grep', 1, (figure) => `the same in any case faster than grep -ci (${figure})`);
  put('status >= 500', 'p50Ms', lines / 8000, (ms) => `8 M lines/s by status (${rounded(lines / ms / 1000)} M)`);
  const second = (ms: number) => rounded((ms * 1_000_000) / bytes);
  put('histogram', 'p50Ms', (1.2 * bytes) / 1_000_000, (ms) => `a histogram of 1 GB in 1.2 s (${second(ms)} s)`);
  put(window, 'p50Ms', 10, (ms) => `5 minutes of a log in 10 ms, without HTTP (${ms} ms)`, 'in process');
  put('memory', 'growthMB', 64, (mb) => `memory grows by less than 64 MB (${mb} MB)`);
}
