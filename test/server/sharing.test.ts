import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { freshDirectory } from '../support/directory.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { TestSocket } from '../support/socket.ts';
import { eventOf, type TailEvent } from '../support/tail.ts';

const [users, logs, rounds, linesPerRound] = [100, 4, 60, 5];
const logName = (log: number) => `log-${log}`;
const userName = (user: number) => `user-${user}`;
/** Everybody reads two logs, and each pair of neighbours is read by a quarter. */
const logsOf = (user: number): number[] => [user % logs, (user + 1) % logs];

/** Documents and what they say of an entry: with fields at hand, and with some that only the executor can load. */
const selections = ['cursor raw source { name }', 'raw cursor', 'raw level timestamp message'];
const documentOf = (selection: string) => `
  subscription ($sources: [ID!]!, $filter: LogFilter, $after: Cursor, $last: Int, $delivery: LogDelivery) {
    logTail(sources: $sources, filter: $filter, after: $after, last: $last, delivery: $delivery) {
      __typename ... on LogBatch { cursor entries { ${selection} } } ... on LogCaughtUp { cursor } ... on LogProgress { cursor } ... on Error { message }
    }
  }`;

const words = ['apple', 'berry', 'cherry'];
const filters = [null, ...['apple', 'berry'].map((word) => ({ query: `${word} OR end` }))];
const deliveries = [
  { maxLatencyMs: 0, maxBatch: 200, onLag: 'PAUSE' },
  { maxLatencyMs: 20, maxBatch: 7, onLag: 'PAUSE' },
];

const lineOf = (log: number, number: number) =>
  `${logName(log)} ${number} ${words[number % words.length]} ${'x'.repeat(1000)}`;

/** What somebody does: what they ask for, and between which rounds of writing they take nothing, or are cut off. */
const behaviour = fc.record({
  selection: fc.constantFrom(...selections),
  filter: fc.constantFrom(...filters),
  delivery: fc.constantFrom(...deliveries),
  stall: fc.option(fc.tuple(fc.nat(rounds - 1), fc.nat(rounds - 1))),
  cut: fc.option(fc.nat(rounds - 1), { freq: 4 }),
  which: fc.constantFrom('both', 'both', 'one'),
});
type Behaviour = typeof behaviour extends fc.Arbitrary<infer Value> ? Value : never;

let server: TestServer;
let provider: IdentityProvider;
let directory: string;
beforeAll(async () => {
  provider = await startIdentityProvider();
  directory = await freshDirectory();
  const all = Array.from({ length: users }, (_, user) => user);
  const sources = Array.from({ length: logs }, (_, log) => ({
    name: logName(log),
    path: join(directory, logName(log)),
    format: 'TEXT' as const,
    readers: { users: all.filter((user) => logsOf(user).includes(log)).map(userName) },
  }));
  for (const { path } of sources) await writeFile(path, '');
  // So few entries are kept that whoever stalls reads from disk.
  const limits = { maxConnectionsPerAddress: 500, liveWindowEntries: 20 };
  server = await startTestServer({ sources, limits, auth: { jwks: provider.jwks } });
});

const append = (log: number, text: string) => appendFile(join(directory, logName(log)), text);

/** One user's subscription, which goes on where it was when it is cut off. */
class Person {
  readonly user: number;
  readonly behaviour: Behaviour;
  readonly logs: number[];
  readonly lines: string[] = [];
  readonly #token: string;
  #cursor: string | undefined;
  #socket: TestSocket | null = null;
  #reading: Promise<void> = Promise.resolve();

  private constructor(user: number, wanted: Behaviour, token: string) {
    this.user = user;
    this.behaviour = wanted;
    this.logs = wanted.which === 'both' ? [...new Set(logsOf(user))] : logsOf(user).slice(0, 1);
    this.#token = token;
  }

  static async of(user: number, wanted: Behaviour): Promise<Person> {
    const token = await provider.tokenOf({ sub: userName(user), preferred_username: userName(user) });
    return new Person(user, wanted, token);
  }

  async connect(ids: string[]): Promise<void> {
    const socket = await server.socket({ token: this.#token });
    this.#socket = socket;
    const { selection, filter, delivery } = this.behaviour;
    const sources = this.logs.map((log) => ids[log]);
    const id = socket.subscribe(documentOf(selection), { sources, filter, delivery, after: this.#cursor });
    await this.#until(socket, id, ({ __typename }) => __typename === 'LogCaughtUp');
    if (this.isDone) return;
    this.#reading = this.#until(socket, id, () => this.isDone);
    // A socket that is cut ends what reads from it.
    this.#reading.catch(() => {});
  }

  async #until(socket: TestSocket, id: string, enough: (event: TailEvent) => boolean): Promise<void> {
    for (;;) {
      const event = eventOf(await socket.result(id));
      if (event.cursor === undefined) throw new Error(JSON.stringify(event));
      this.#cursor = event.cursor;
      for (const entry of event.entries ?? []) {
        expect(Object.keys(entry)).toEqual(this.behaviour.selection.match(/\w+(?! *\w* *})/g));
      }
      this.lines.push(...(event.entries ?? []).map(({ raw }) => raw));
      if (enough(event)) return;
    }
  }

  get isDone(): boolean {
    return this.logs.every((log) => this.lines.includes(`${logName(log)} end`));
  }

  pause(): void {
    this.#socket?.socket.pause();
  }

  resume(): void {
    this.#socket?.socket.resume();
  }

  /** Loses the connection, and comes back with the last cursor. */
  async cut(ids: string[]): Promise<void> {
    const socket = this.#socket;
    socket?.socket.terminate();
    await this.#reading.catch(() => {});
    await this.connect(ids);
  }

  async done(): Promise<void> {
    await this.#reading;
    expect(this.#socket?.waiting).toEqual([]);
    await this.#socket?.close();
  }
}

test('a hundred users with filters of their own get what is theirs, and nothing else', {
  timeout: 120_000,
}, async () => {
  const ids = await Promise.all(Array.from({ length: logs }, (_, log) => server.sourceId(logName(log))));
  const behaviours = fc.sample(behaviour, { numRuns: users, seed: 7 });
  const people = await Promise.all(behaviours.map((wanted, user) => Person.of(user, wanted)));
  for (const person of people) await person.connect(ids);
  for (let round = 0; round < rounds; round++) {
    for (const person of people) {
      const { stall, cut } = person.behaviour;
      if (stall !== null && Math.min(...stall) === round) person.pause();
      if (stall !== null && Math.max(...stall) === round) person.resume();
      if (cut === round) await person.cut(ids);
    }
    for (let log = 0; log < logs; log++) {
      const numbers = Array.from({ length: linesPerRound }, (_, index) => round * linesPerRound + index);
      await append(log, numbers.map((number) => `${lineOf(log, number)}\n`).join(''));
    }
  }
  for (let log = 0; log < logs; log++) await append(log, `${logName(log)} end\n`);
  for (const person of people) {
    await person.done();
    const { filter } = person.behaviour;
    const word = filter === null ? '' : (filter.query.split(' ')[0] ?? '');
    for (const log of person.logs) {
      const all = Array.from({ length: rounds * linesPerRound }, (_, number) => lineOf(log, number));
      const expected = [...all.filter((line) => line.includes(word)), `${logName(log)} end`];
      expect(person.lines.filter((line) => line.startsWith(`${logName(log)} `))).toEqual(expected);
    }
    const foreign = person.lines.filter((line) => !person.logs.some((log) => line.startsWith(`${logName(log)} `)));
    expect(foreign).toEqual([]);
  }
});
