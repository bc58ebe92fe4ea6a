import { once } from 'node:events';
import { z } from 'zod';
import { type Pattern, patternOf } from '../src/filter/pattern.ts';
import { evilPatterns, hostileLines } from '../test/filter/evil-patterns.ts';
import { worstRecord } from '../test/filter/worst-record.ts';
import type { Bench, Report, Stage } from './bench.ts';
import { start } from './child.ts';
import { rounded } from './sample.ts';

/** As the configuration has it. */
const mostSize = 150;

const goalMs = 50;

export const patterns: Bench = {
  name: 'patterns',
  about: 'How long evil regular expressions take for a record of 10,000 characters, in a process that has just begun.',
  async run(stage) {
    const rounds = stage.length === 'quick' ? 1 : 3;
    const compiled = evilPatterns.map((expression) => ({ expression, ...patternOf(expression, mostSize) }));
    const slowest = [];
    for (const { expression, pattern } of compiled) {
      if (pattern === null) continue;
      const hostile = stage.length === 'quick' ? [] : [slowestOf(pattern)];
      const times = [];
      for (const record of [worstRecord(expression), ...hostile]) {
        times.push(await fastest(stage, expression, record, rounds));
      }
      const worst = times.reduce((a, b) => (b.totalMs > a.totalMs ? b : a));
      stage.say(`${worst.totalMs} ms: ${expression}`);
      slowest.push({ expression: expression.length > 50 ? `${expression.slice(0, 47)}...` : expression, ...worst });
    }
    slowest.sort((a, b) => b.totalMs - a.totalMs);
    const most = slowest[0]?.totalMs ?? 0;
    const refused = compiled.length - slowest.length;
    const report: Report = { rows: slowest.slice(0, 10), goals: [], problems: [] };
    report.goals.push({
      goal: `each of ${slowest.length} answers within ${goalMs} ms (${most} ms), ${refused} are refused`,
      result: most <= goalMs ? 'met' : 'missed',
    });
    return report;
  },
};

/** Of the records that are hostile to many, the one that takes this expression longest. */
function slowestOf(pattern: Pattern): string {
  const times = hostileLines.map((raw) => {
    const start = performance.now();
    pattern.matches({ raw, parsed: { timestamp: null, level: 'UNKNOWN', message: raw, fields: {} } });
    return { raw, ms: performance.now() - start };
  });
  return times.reduce((a, b) => (b.ms > a.ms ? b : a)).raw;
}

const answer = z.object({ compileMs: z.number(), matchMs: z.number() });

/** The fastest of some processes: what else the machine did meanwhile is not the expression's. */
async function fastest(stage: Stage, expression: string, record: string, rounds: number) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const child = start(stage, './patterns/answer.ts', expression, String(mostSize), record);
    const [message] = await once(child, 'message');
    const { compileMs, matchMs } = answer.parse(message);
    times.push({
      compileMs: rounded(compileMs),
      matchMs: rounded(matchMs),
      totalMs: rounded(compileMs + matchMs),
    });
    if (child.exitCode === null) await once(child, 'exit');
  }
  return times.reduce((a, b) => (b.totalMs < a.totalMs ? b : a));
}
