import { expect, onTestFinished, vi } from 'vitest';
import { openSocket } from '../../examples/socket.ts';
import { type Account, account, type Told } from './account.ts';
import { numberOf } from './line.ts';
import type { NumberedLog } from './numbered-log.ts';

interface Event {
  logTail: {
    __typename: string;
    cursor?: string;
    entries?: { raw: string; source: { name: string } }[];
    sources?: { name: string }[];
    source?: { name: string };
    reason?: string;
    possibleLoss?: boolean;
    message?: string;
  };
}

const query = `subscription ($sources: [ID!]!, $after: Cursor) {
  logTail(sources: $sources, after: $after, delivery: { onLag: PAUSE, maxBatch: 50 }) {
    __typename
    ... on LogBatch { cursor entries { raw source { name } } }
    ... on LogCaughtUp { cursor }
    ... on LogProgress { cursor }
    ... on LogRotated { cursor possibleLoss source { name } }
    ... on LogGap { cursor: to reason sources { name } }
    ... on Error { message }
  }
}`;

export interface Connection {
  /** Of the server, without a slash at the end. */
  url: string;
  token: string;
}

/** One tail over several logs, by the client of examples/socket.ts: it goes on at its cursor when the server comes back. */
export class SocketReader {
  /** Lines received, of all logs. */
  received = 0;
  /** How often it was told that it had caught up. */
  live = 0;
  /** Whatever should not have come. */
  readonly problems: unknown[] = [];
  readonly #logs: NumberedLog[];
  readonly #told = new Map<string, Told[]>();
  readonly #last = new Map<string, number>();

  private constructor(logs: NumberedLog[]) {
    this.#logs = logs;
    for (const { name } of logs) this.#told.set(name, []);
  }

  /** Resolves when it is live. It ends with the test. */
  static async open({ url, token }: Connection, logs: NumberedLog[]): Promise<SocketReader> {
    const reader = new SocketReader(logs);
    const client = openSocket({ url: `${url}/graphql`, token: () => token });
    const sources = await idsOf(url, token, logs);
    const stop = client.subscribe<Event>(
      { query, variables: { sources } },
      {
        next({ data, errors }) {
          try {
            if (!data) throw errors;
            reader.#take(data.logTail);
          } catch (problem) {
            // To the client it would be one of the connection: it would open another.
            reader.problems.push(problem);
          }
        },
        error: (error) => reader.problems.push(error),
        complete: () => reader.problems.push('The tail was completed.'),
      },
    );
    onTestFinished(async () => {
      stop();
      await client.dispose();
    });
    await reader.until(() => reader.live === 1);
    return reader;
  }

  /** Whether it has had the line of this number. */
  has(log: NumberedLog, number: number): boolean {
    return (this.#last.get(log.name) ?? -1) >= number;
  }

  /** Waits until this is true; fails at once when something came that should not have. */
  async until(condition: () => boolean): Promise<void> {
    await vi.waitFor(() => {
      if (this.problems.length === 0 && !condition()) throw new Error(`Only ${this.received} lines came.`);
    }, waiting);
    expect(this.problems).toEqual([]);
  }

  accounts(): Account[] {
    return this.#logs.map(({ name, count }) => account(this.#told.get(name) ?? [], count));
  }

  #take(event: Event['logTail']): void {
    if (event.message !== undefined) this.problems.push(event.message);
    if (event.__typename === 'LogCaughtUp') this.live++;
    const loss = event.possibleLoss === true ? 'rotated' : event.reason;
    for (const { name } of loss === undefined ? [] : (event.sources ?? [event.source ?? { name: '' }])) {
      this.#told.get(name)?.push({ loss: loss ?? '' });
    }
    for (const { raw, source } of event.entries ?? []) {
      const number = numberOf(source.name, raw);
      this.#told.get(source.name)?.push(number);
      this.#last.set(source.name, number);
      this.received++;
    }
  }
}

/** A server that was killed takes seconds to come back, and its client tries less and less often. */
const waiting = { timeout: 30_000, interval: 5 };

async function idsOf(url: string, token: string, logs: NumberedLog[]): Promise<string[]> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ sources(first: 100) { nodes { id name } } }' }),
  });
  const answer: { data: { sources: { nodes: { id: string; name: string }[] } } } = JSON.parse(await response.text());
  const ids = new Map(answer.data.sources.nodes.map(({ id, name }) => [name, id]));
  return logs.map(({ name }) => ids.get(name) ?? `no source named ${name}`);
}
