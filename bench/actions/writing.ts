import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Report, Stage } from '../bench.ts';
import { median, ratio, rounded } from '../sample.ts';
import { type Server, startServer } from '../server.ts';
import { atLeast } from './goal.ts';
import { report as reportOf } from './sample.ts';

/** Actions in one request of GraphQL, and in one transaction of plain inserts. */
const batchSize = 500;
/** Different batches: they are sent again and again, so that making them costs the machine nothing meanwhile. */
const batchCount = 40;
/** Requests under way together. */
const senders = 4;

const document = `mutation ($input: RecordActionsInput!) {
  recordActions(input: $input) { ... on RecordActionsPayload { recorded } ... on Error { message } }
}`;

const batches = Array.from({ length: batchCount }, (_, batch) =>
  Array.from({ length: batchSize }, (_, index) => reportOf(batch * batchSize + index)),
);

/** Actions a second, through GraphQL and as JSON lines, beside the same rows inserted by a program of its own. */
export async function writing(stage: Stage): Promise<Report> {
  const [rounds, seconds] = stage.length === 'quick' ? [1, 4] : [5, 10];
  const server = await startServer(stage, []);
  const figures: Record<'plain' | 'graphql' | 'lines', number[]> = { plain: [], graphql: [], lines: [] };
  for (let round = 1; round <= rounds; round++) {
    stage.say(`writing: round ${round} of ${rounds}`);
    figures.plain.push(await plain(join(stage.directory, `plain-${round}.db`), seconds));
    figures.graphql.push(await graphql(server, seconds));
    figures.lines.push(await lines(server, seconds));
  }
  const [own, graphqlRate, linesRate] = [median(figures.plain), median(figures.graphql), median(figures.lines)];
  const problems = await missing(server, figures);
  return {
    rows: [
      { actions: 'plain better-sqlite3, one table without an index', 'per s': rounded(own) },
      { actions: 'GraphQL, batches of 500', 'per s': rounded(graphqlRate), ratio: ratio(graphqlRate, own) },
      { actions: 'POST /actions', 'per s': rounded(linesRate), ratio: ratio(linesRate, own) },
    ],
    goals: [
      atLeast('actions/s through GraphQL', rounded(graphqlRate), 55_000),
      atLeast('of plain inserts', ratio(graphqlRate, own), 0.25),
      atLeast('actions/s through POST /actions', rounded(linesRate), 100_000),
      atLeast('of plain inserts', ratio(linesRate, own), 0.5),
    ],
    problems,
  };
}

async function plain(file: string, seconds: number): Promise<number> {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(
    'CREATE TABLE action (id INTEGER PRIMARY KEY, at INTEGER, service TEXT, action TEXT, status TEXT, durationMs REAL, error TEXT, metadata TEXT)',
  );
  const insert = database.prepare('INSERT INTO action VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)');
  const insertAll = database.transaction((batch: (typeof batches)[number]) => {
    const at = Date.now();
    for (const { service, action, status, durationMs, error = null, metadata = null } of batch) {
      insert.run(at, service, action, status, durationMs, error, metadata && JSON.stringify(metadata));
    }
  });
  const started = performance.now();
  let count = 0;
  for (let batch = 0; performance.now() - started < seconds * 1000; batch++, count += batchSize) {
    insertAll(batches[batch % batchCount] ?? []);
  }
  const rate = count / ((performance.now() - started) / 1000);
  database.close();
  return rate;
}

let sent = 0;

async function graphql(server: Server, seconds: number): Promise<number> {
  const answer = z.object({ data: z.object({ recordActions: z.object({ recorded: z.number() }) }) });
  const started = performance.now();
  let count = 0;
  const send = async (sender: number) => {
    for (let batch = sender; performance.now() - started < seconds * 1000; batch += senders) {
      const text = await server.query(document, { input: { actions: batches[batch % batchCount] } });
      count += answer.parse(JSON.parse(text)).data.recordActions.recorded;
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  sent += count;
  return count / ((performance.now() - started) / 1000);
}

const chunks = batches.map((batch) => Buffer.from(batch.map((one) => `${JSON.stringify(one)}\n`).join('')));

async function lines({ url, authorization }: Server, seconds: number): Promise<number> {
  const started = performance.now();
  function* body() {
    for (let batch = 0; performance.now() - started < seconds * 1000; batch++) yield chunks[batch % batchCount];
  }
  const text = await new Promise<string>((resolve, reject) => {
    const options = { method: 'POST', headers: { authorization, 'content-type': 'application/x-ndjson' } };
    const posted = request(new URL('/actions', url), options, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString());
    });
    posted.on('error', reject);
    Readable.from(body(), { objectMode: false, highWaterMark: 256 * 1024 }).pipe(posted);
  });
  const { recorded } = z.object({ recorded: z.number() }).parse(JSON.parse(text));
  sent += recorded;
  return recorded / ((performance.now() - started) / 1000);
}

/** What was acknowledged and is not counted. */
async function missing(server: Server, figures: object): Promise<string[]> {
  const text = await server.query('{ actionStats { total } }', {});
  const { total } = z
    .object({ data: z.object({ actionStats: z.object({ total: z.string() }) }) })
    .parse(JSON.parse(text)).data.actionStats;
  return Number(total) === sent
    ? []
    : [`${sent} actions were acknowledged, and ${total} are there: ${JSON.stringify(figures)}`];
}
