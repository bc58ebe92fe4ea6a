import { once } from 'node:events';
import { join } from 'node:path';
import { writeAccessLog } from './access-log.ts';
import type { Bench, Report, Row } from './bench.ts';
import { start } from './child.ts';
import { median, ratio, rounded } from './sample.ts';
import { isInstalled, run } from './search/command.ts';
import { contests } from './search/contest.ts';
import type { Question } from './search/question.ts';

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
  about: 'Searching and counting in an access log, in one thread, beside ripgrep, grep, lnav and tail.',
  async run(stage) {
    const bytes = stage.length === 'quick' ? 200_000_000 : 1_000_000_000;
    const rounds = stage.length === 'quick' ? 5 : 15;
    const log = join(stage.directory, 'access.log');
    stage.say(`writing an access log of ${bytes / 1_000_000} MB`);
    const lines = await writeAccessLog(log, bytes);
    const scanner = start(stage, 'search/scanner.ts', log);
    const askScanner = async (question: Question): Promise<number> => {
      scanner.send(question);
      const [answer] = await once(scanner, 'message');
      return answer;
    };

    const report: Report = { rows: [], goals: [], problems: [] };
    const all = contests(lines);
    const programs = [...new Set(all.flatMap(({ peers }) => peers.map(({ program }) => program)))];
    const missing = programs.filter((program) => !isInstalled(program));
    for (const program of missing) stage.say(`${program} is not installed, and left out`);

    for (const { name, question, peers } of all) {
      const contestants: Contestant[] = [
        { side: 'ours', name: 'scanner', rounds, ask: () => askScanner(question), times: [], answer: 0 },
      ];
      for (const { program, args, rounds: often, answer } of peers) {
        if (missing.includes(program)) continue;
        const ask = async () => answer(await run(program, [...args, log], stage.directory));
        contestants.push({
          side: 'peer',
          name: program,
          rounds: often === 'once' ? 1 : rounds,
          ask,
          times: [],
          answer: 0,
        });
      }
      stage.say(`${name}: ${contestants.map(({ name }) => name).join(', ')}`);
      await takeTurns(contestants, rounds);
      const answers = new Set(contestants.map(({ answer }) => answer));
      if (answers.size > 1) report.problems.push(`${name}: they do not agree, but say ${[...answers].join(', ')}.`);
      report.rows.push(...rowsOf(name, contestants));
    }
    for (const program of missing) report.rows.push({ task: 'left out', who: `${program} (not installed)` });
    putGoals(report, bytes, lines);
    return report;
  },
};

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
  const put = (task: string, column: string, limit: number, goal: (figure: number) => string) => {
    const figure = rows.find((row) => row.task === task && row.who === 'scanner')?.[column];
    if (typeof figure === 'number') goals.push({ goal: goal(figure), result: figure <= limit ? 'met' : 'missed' });
  };
  put('rare', 'by rg', 2.5, (figure) => `a rare text in at most 2.5 times the time of rg -c (${figure})`);
  put('rare', 'by grep', 1, (figure) => `a rare text faster than grep -c (${figure})`);
  put('rare, any case', 'by rg', 2, (figure) => `the same in any case in at most twice the time of rg -ci (${figure})`);
  put('rare, any case', 'by grep', 1, (figure) => `the same in any case faster than grep -ci (${figure})`);
  put('status >= 500', 'p50Ms', lines / 8000, (ms) => `8 M lines/s by status (${rounded(lines / ms / 1000)} M)`);
  const second = (ms: number) => rounded((ms * 1_000_000) / bytes);
  put('histogram by minute', 'p50Ms', (1.2 * bytes) / 1_000_000, (ms) => `1 GB by minute in 1.2 s (${second(ms)} s)`);
}
