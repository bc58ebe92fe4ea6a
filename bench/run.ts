import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { actions } from './actions.ts';
import { analysis } from './analysis.ts';
import { anomalies } from './anomalies.ts';
import type { Bench, Report } from './bench.ts';
import { fanout } from './fanout.ts';
import { follow } from './follow.ts';
import { idle } from './idle.ts';
import { ingest } from './ingest.ts';
import { lag } from './lag.ts';
import { latency } from './latency.ts';
import { machine } from './machine.ts';
import { memory } from './memory.ts';
import { patterns } from './patterns.ts';
import { reports } from './reports.ts';
import { search } from './search.ts';
import { signIn } from './sign-in.ts';
import { table } from './table.ts';
import { tail } from './tail.ts';

const benches: Bench[] = [
  latency,
  fanout,
  memory,
  lag,
  tail,
  search,
  patterns,
  follow,
  idle,
  actions,
  signIn,
  ingest,
  analysis,
  anomalies,
  reports,
];

const usage = `npm run bench -- NAME [--quick] [--json]
npm run bench -- analysis --score DIR

${benches.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join('\n')}
`;

/** Runs a bench in a directory of its own, and leaves nothing behind, whatever happens. */
async function run(bench: Bench, length: 'quick' | 'full', score: string | undefined): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'tailql-bench-'));
  const undos: (() => Promise<void> | void)[] = [() => rm(directory, { recursive: true, force: true })];
  const cleanUp = async () => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
  };
  const interrupted = () => cleanUp().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await bench.run({
      directory,
      length,
      score,
      defer: (undo) => undos.push(undo),
      say: (text) => process.stderr.write(`${text}\n`),
    });
  } finally {
    await cleanUp();
  }
}

function print(bench: Bench, facts: ReturnType<typeof machine>, { rows, goals, problems }: Report): void {
  const { cores, processor, memoryGiB, kernel, node, loadBefore } = facts;
  console.log(`\n${bench.about}\n`);
  console.log(`${cores} cores (${processor}), ${memoryGiB} GiB, ${kernel}, Node ${node}, load before: ${loadBefore}\n`);
  console.log(table(rows));
  if (goals.length > 0) console.log(`\n${goals.map(({ goal, result }) => `${result.padEnd(6)}  ${goal}`).join('\n')}`);
  for (const problem of problems) console.log(`\n!!! ${problem}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    score: { type: 'string' },
  },
});
const [name, ...others] = positionals;
const bench = benches.find((one) => one.name === name);
if (name === undefined) console.log(usage);
else if (bench === undefined || others.length > 0) {
  console.error(`There is no bench "${positionals.join(' ')}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  const facts = machine();
  const length = values.quick ? 'quick' : 'full';
  const report = await run(bench, length, values.score);
  if (values.json) console.log(JSON.stringify({ bench: bench.name, length, machine: facts, ...report }));
  else print(bench, facts, report);
  if (report.problems.length > 0) process.exitCode = 1;
}
