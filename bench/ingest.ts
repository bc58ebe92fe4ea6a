import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Bench, Report } from './bench.ts';
import { start } from './child.ts';
import { stampedLine } from './latency/stamp.ts';
import { Subscriber } from './latency/subscriber.ts';
import { median, quantile, ratio, rounded } from './sample.ts';
import { type Server, startServer } from './server.ts';

const createDocument = 'mutation ($name: String!) { createStream(input: { name: $name }) { __typename } }';
const resultSchema = z.object({ written: z.number() });

export const ingest: Bench = {
  name: 'ingest',
  about:
    'Records written to streams, beside a process that appends the same with one write each, and how soon they are live.',
  async run(stage) {
    const count = stage.length === 'quick' ? 400_000 : 2_000_000;
    const rounds = stage.length === 'quick' ? 3 : 7;
    const lines = Array.from({ length: count }, (_, index) => recordLine(index));
    const bytes = Buffer.from(lines.join(''));
    const file = join(stage.directory, 'records.jsonl');
    await writeFile(file, bytes);
    const server = await startServer(stage, []);
    for (const name of ['json lines', 'otlp', 'live']) await server.query(createDocument, { name });
    const peer = start(stage, './ingest/append.ts', file, join(stage.directory, 'peer.jsonl'));
    await once(peer, 'message');
    const times = { ours: [] as number[], peer: [] as number[], otlp: [] as number[] };
    const [batch, perBatch] = [otlpBatch(), 500];
    for (let round = -1; round < rounds; round++) {
      stage.say(round < 0 ? 'a round that does not count' : `round ${round + 1} of ${rounds}`);
      const started = performance.now();
      const { written } = resultSchema.parse(JSON.parse(await send(server, '/streams/json%20lines', bytes)));
      if (written !== count) throw new Error(`${written} of ${count} records were written.`);
      const ours = performance.now() - started;
      peer.send('go');
      const [theirs] = await once(peer, 'message');
      const begun = performance.now();
      // As many at a time as a collector has consumers of its queue, about.
      const exporters = Array.from({ length: 8 }, async () => {
        for (let sent = 0; sent < count / 4 / 8; sent += perBatch) {
          await send(server, '/v1/logs', batch, { 'content-type': 'application/json', 'tailql-stream': 'otlp' });
        }
      });
      await Promise.all(exporters);
      const otlp = performance.now() - begun;
      if (round < 0) continue;
      times.ours.push(ours);
      times.peer.push(Number(theirs));
      times.otlp.push(otlp);
    }
    const perSecond = (ms: number[], records = count) => Math.round(records / (median(ms) / 1000));
    const [ours, theirs, otlp] = [perSecond(times.ours), perSecond(times.peer), perSecond(times.otlp, count / 4)];
    const share = ratio(ours, theirs);
    const report: Report = { rows: [], goals: [], problems: [] };
    report.rows.push(
      {
        writer: 'tailql, JSON lines',
        'records/s': ours,
        'by peer': share,
        'bytes each': rounded(bytes.length / count),
      },
      { writer: 'a write each', 'records/s': theirs },
      { writer: 'tailql, OTLP as JSON', 'records/s': otlp },
    );
    const goal = (text: string, isMet: boolean) => report.goals.push({ goal: text, result: isMet ? 'met' : 'missed' });
    goal(`400,000 records/s as JSON lines (${ours})`, ours >= 400_000);
    goal(`0.6 of a process that appends them (${share})`, share >= 0.6);
    goal(`50,000 records/s by OTLP (${otlp})`, otlp >= 50_000);
    const { p50, p99, problems } = await live(server, stage.length === 'quick' ? 5 : 30);
    report.rows.push({ writer: 'live, 5,000 records/s', 'p50 ms': p50, 'p99 ms': p99 });
    goal(`p99 from writing to a subscriber under 50 ms at 5,000 records/s (${p99} ms)`, p99 < 50);
    report.problems.push(...problems);
    return report;
  },
};

function recordLine(index: number): string {
  const timestamp = new Date(1_764_000_000_000 + index).toISOString();
  const about = { path: '/api/orders/17/items', status: 200, ms: index % 100, user: `u${index % 1000}` };
  const record = { timestamp, level: 'INFO', logger: 'shop.cart', message: `request ${index} was answered`, ...about };
  return `${JSON.stringify({ ...record, module: 'cart' })}\n`;
}

/** 500 records as an exporter sends them. */
function otlpBatch(): Buffer {
  const logRecords = Array.from({ length: 500 }, (_, index) => ({
    ...{ timeUnixNano: `${1_764_000_000_000 + index}000000`, severityNumber: 9, severityText: 'INFO' },
    body: { stringValue: `request ${index} was answered` },
    attributes: [
      { key: 'http.route', value: { stringValue: '/api/orders/17/items' } },
      { key: 'http.response.status_code', value: { intValue: '200' } },
    ],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return Buffer.from(
    JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'cart' }, logRecords }] }] }),
  );
}

const agent = new Agent({ keepAlive: true });

function send({ url, authorization }: Server, path: string, body: Buffer, headers: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent, headers: { authorization, ...headers } };
    const outgoing = request(new URL(path, url), options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** 50 records every 10 ms, and one who follows them. */
async function live(server: Server, seconds: number): Promise<{ p50: number; p99: number; problems: string[] }> {
  const subscriber = await Subscriber.toTailql(server, await server.sourceId('live'), { maxLatencyMs: 0 });
  // Until it is live, what is written may be from before it began.
  for (let line = 0; subscriber.count('first') === 0; line++) {
    await send(server, '/streams/live', Buffer.from(stampedLine('first', line)));
    await sleep(50);
  }
  const count = seconds * 5000;
  const writing: Promise<string>[] = [];
  const started = performance.now();
  for (let line = 0; line < count; line += 50) {
    const lines = Array.from({ length: 50 }, (_, index) => stampedLine('live', line + index)).join('');
    writing.push(send(server, '/streams/live', Buffer.from(lines)));
    await sleep(Math.max(0, started + ((line + 50) / 5000) * 1000 - performance.now()));
  }
  await Promise.all(writing);
  const patience = performance.now() + 10_000;
  while (subscriber.count('live') < count && performance.now() < patience) await sleep(10);
  const { latencies } = subscriber.result('live');
  subscriber.close();
  const problems = latencies.length === count ? [] : [`${count} records were written, and ${latencies.length} came.`];
  return { p50: rounded(median(latencies)), p99: rounded(quantile(latencies, 0.99)), problems };
}
