import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { live } from './actions/live.ts';
import { reading } from './actions/reading.ts';
import { retention } from './actions/retention.ts';
import { writing } from './actions/writing.ts';
import type { Bench, Report, Stage } from './bench.ts';
import { table } from './table.ts';

export const actions: Bench = {
  name: 'actions',
  about:
    'The action log: writing, beside plain inserts into SQLite; statistics, lists, live, and removal under writes.',
  async run(stage) {
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const [name, part] of Object.entries({ writing, reading, live, retention })) {
      const { rows, goals, problems } = await apart(stage, name, part);
      // All of it takes a quarter of an hour, and more where other work is done.
      stage.say(`${table(rows)}\n`);
      report.rows.push(...rows);
      report.goals.push(...goals);
      report.problems.push(...problems);
    }
    return report;
  },
};

/** Runs a part in a directory of its own, and ends what it has started. */
async function apart(stage: Stage, name: string, part: (stage: Stage) => Promise<Report>): Promise<Report> {
  const undos: (() => Promise<void> | void)[] = [];
  const directory = join(stage.directory, name);
  await mkdir(join(directory, 'data'), { recursive: true });
  const undo = async () => {
    for (let last = undos.pop(); last !== undefined; last = undos.pop()) await last();
  };
  stage.defer(undo);
  try {
    return await part({ ...stage, directory, defer: (one) => undos.push(one) });
  } finally {
    await undo();
  }
}
