import { once } from 'node:events';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { start } from './child.ts';
import { stampedLine } from './latency/stamp.ts';
import { Subscriber } from './latency/subscriber.ts';
import { median, quantile, ratio, rounded } from './sample.ts';
import { type Server, startServer } from './server.ts';

const deliveries = [
  { name: 'tailql, maxLatencyMs: 0', delivery: { maxLatencyMs: 0 } },
  { name: 'tailql, default delivery', delivery: null },
] as const;
const peerName = 'tail -F into ws';

/** Time (ms) after the last line until the ones that have not come are given up. */
const patienceMs = 10_000;

export const latency: Bench = {
  name: 'latency',
  about: 'From a line appended to a file until a WebSocket subscriber has it, beside tail -F piped into a ws server.',
  async run(stage) {
    const [rounds, seconds] = stage.length === 'quick' ? [2, 4] : [5, 8];
    const file = join(stage.directory, 'app.log');
    await writeFile(file, '');
    const server = await startServer(stage, [{ name: 'app', path: file, format: 'JSON_LINES' }]);
    const peer = start(stage, './latency/tail-socket.ts', file);
    const [port] = await once(peer, 'message');
    const scene: Scene = { stage, file, server, sourceId: await server.sourceId('app'), port: Number(port) };
    // A server that has just started runs code that is not compiled yet; one that has run for a while does not.
    stage.say('warming up');
    await measure(scene, { run: 'warm-up', rate: 5000, count: 15_000, delivery: deliveries[0].delivery });
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const rate of [1000, 5000]) {
      const measured = deliveries.map(({ name }) => ({ name, results: [] as Result[] }));
      for (let round = 1; round <= rounds; round++) {
        for (const [index, { name, delivery }] of deliveries.entries()) {
          stage.say(`${rate} lines/s, round ${round} of ${rounds}: ${name}`);
          const result = await measure(scene, {
            run: `${rate}-${round}-${index}`,
            rate,
            count: rate * seconds,
            delivery,
          });
          measured[index]?.results.push(result);
        }
      }
      for (const { name, results } of measured) add(report, `${rate}/s`, name, results);
    }
    return report;
  },
};

interface Scene {
  stage: Stage;
  file: string;
  server: Server;
  sourceId: string;
  port: number;
}

interface Round {
  run: string;
  rate: number;
  count: number;
  delivery: object | null;
}

type Received = ReturnType<Subscriber['result']>;
type Result = { sent: number; ours: Received; peer: Received };

/** Both subscribe to the same file, and get the same lines at the same time. */
async function measure({ stage, file, server, sourceId, port }: Scene, round: Round): Promise<Result> {
  const subscribers = [
    await Subscriber.toTailql(server, sourceId, round.delivery),
    await Subscriber.toPeer(port),
  ] as const;
  const came = (run: string, count: number) => subscribers.every((subscriber) => subscriber.count(run) >= count);
  // Lines that are not measured, until both get them: then both are ready, and warm.
  for (let number = 0; !came(`${round.run}-before`, 20); number++) {
    if (number === 1000) throw new Error('A subscriber gets nothing.');
    await appendFile(file, stampedLine(`${round.run}-before`, number));
    await sleep(10);
  }
  const writer = start(stage, './latency/writer.ts', file, round.run, String(round.rate), String(round.count));
  const [code] = await once(writer, 'exit');
  if (code !== 0) throw new Error('The writer failed; what it says is above.');
  const end = performance.now() + patienceMs;
  while (!came(round.run, round.count) && performance.now() < end) await sleep(50);
  for (const subscriber of subscribers) subscriber.close();
  const [ours, peer] = subscribers;
  return { sent: round.count, ours: ours.result(round.run), peer: peer.result(round.run) };
}

function add({ rows, goals, problems }: Report, rate: string, name: string, results: Result[]): void {
  const [ours, peer] = [figures(results.map((one) => one.ours)), figures(results.map((one) => one.peer))];
  const sent = results.reduce((sum, one) => sum + one.sent, 0);
  const [p50Ratio, p99Ratio] = [ratio(ours.p50Ms, peer.p50Ms), ratio(ours.p99Ms, peer.p99Ms)];
  rows.push({ rate, subscriber: name, ...ours, sent, p50Ratio, p99Ratio });
  rows.push({ rate, subscriber: peerName, ...peer, sent });
  for (const [who, received] of results.flatMap(
    (one) =>
      [
        [name, one.ours],
        [peerName, one.peer],
      ] as const,
  )) {
    const expected = sent / results.length;
    const distinct = new Set(received.numbers).size;
    const inOrder = received.numbers.every((number, index, all) => index === 0 || number > (all[index - 1] ?? -1));
    if (distinct !== expected)
      problems.push(`${rate}, ${who}: ${expected - distinct} of ${expected} lines NEVER CAME.`);
    if (received.numbers.length !== distinct) problems.push(`${rate}, ${who}: lines came TWICE.`);
    else if (!inOrder) problems.push(`${rate}, ${who}: lines came OUT OF ORDER.`);
  }
  if (name !== deliveries[0].name) return;
  goals.push(
    { goal: `${rate}: p50 no worse than the peer's (${p50Ratio})`, result: p50Ratio <= 1 ? 'met' : 'missed' },
    { goal: `${rate}: p99 at most 1.5 times the peer's (${p99Ratio})`, result: p99Ratio <= 1.5 ? 'met' : 'missed' },
  );
}

/** Medians of the rounds, so that one disturbed round does not count; the maximum is of all. */
function figures(rounds: Received[]) {
  const of = (share: number) => rounded(median(rounds.map(({ latencies }) => quantile(latencies, share))));
  return {
    p50Ms: of(0.5),
    p99Ms: of(0.99),
    maxMs: rounded(Math.max(...rounds.map(({ latencies }) => quantile(latencies, 1)))),
    messages: rounds.reduce((sum, { messages }) => sum + messages, 0),
    received: rounds.reduce((sum, { numbers }) => sum + numbers.length, 0),
  };
}
