import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';

export interface TransportOptions {
  /** Of the server, such as `http://127.0.0.1:4000/graphql`. */
  url: string;
  /** An API token with the scopes LOGS_READ and LOGS_WRITE. */
  token: string;
  /** Name of the stream, which must be there. */
  stream: string;
  /** Is told what could not be written; by default nobody is. */
  onProblem?: (problem: string) => void;
}

/** What a logger wrote: a line of JSON, as pino and its kin write it. */
interface Line {
  level?: number | string;
  time?: number | string;
  msg?: string;
  name?: string;
  [field: string]: unknown;
}

/** Records in one request; the server takes up to `limits.maxBatchWrite`. */
const batchSize = 500;
/** Time (ms) that a record waits for others to go with it. */
const delayMs = 200;
/** Records that wait while the server is away; of more, the oldest are given up. */
const mostWaiting = 10_000;
/** Tries for one batch, and time (ms) for each. */
const [attempts, timeoutMs] = [7, 10_000];

const find = 'query ($name: String!) { source(by: { name: $name }) { id } }';
const write = `mutation ($input: WriteLogsInput!) { writeLogs(input: $input) { __typename ... on Error { message } } }`;

/** Levels of pino. https://github.com/pinojs/pino/blob/main/docs/api.md#levels */
const levels: [number, string][] = [
  ...([
    [60, 'FATAL'],
    [50, 'ERROR'],
    [40, 'WARN'],
    [30, 'INFO'],
    [20, 'DEBUG'],
  ] satisfies [number, string][]),
  [0, 'TRACE'],
];
const words = new Set(levels.map(([, word]) => word));

/**
 * A destination for pino, `pino({ … }, new StreamTransport({ … }))`, that writes to a stream of Tailql, in the background: it
 * never throws into the application, and never makes it wait.
 */
export class StreamTransport extends Writable {
  readonly #options: TransportOptions;
  #waiting: object[] = [];
  #rest = '';
  #sourceId: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  /** Records that were given up since the beginning. */
  dropped = 0;

  constructor(options: TransportOptions) {
    super({ decodeStrings: false });
    this.#options = options;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    done();
  }

  override _final(done: () => void): void {
    this.#send();
    this.#sending.then(() => done());
  }

  #take(line: string): void {
    if (line === '') return;
    this.#waiting.push(entryOf(line));
    const excess = this.#waiting.length - mostWaiting;
    if (excess > 0) this.#drop(this.#waiting.splice(0, excess).length, 'too many wait');
    if (this.#waiting.length >= batchSize) this.#send();
    // A program that has nothing else to do may end; `end` the transport first.
    else this.#timer ??= setTimeout(() => this.#send(), delayMs).unref();
  }

  #drop(count: number, why: string): void {
    this.dropped += count;
    this.#options.onProblem?.(`${count} records were given up: ${why}.`);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One request after the other, so that the order is kept and a server that is away is not flooded.
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) await this.#sendBatch(this.#waiting.splice(0, batchSize));
    });
  }

  /** The key sees to it that a batch of which the answer was lost is written once. */
  async #sendBatch(entries: object[]): Promise<void> {
    const idempotencyKey = randomUUID();
    let why = '';
    for (let attempt = 0; attempt < attempts; attempt++) {
      // Not all who were cut off come back at the same moment.
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt * (0.5 + Math.random())));
      try {
        const source = await this.#find();
        const { writeLogs } = await this.#ask(write, { input: { source, entries, idempotencyKey } });
        if (writeLogs.__typename === 'WriteLogsPayload') return;
        why = writeLogs.message;
        if (writeLogs.__typename !== 'LimitReachedError') break;
      } catch (error) {
        why = String(error);
      }
    }
    this.#drop(entries.length, why);
  }

  async #find(): Promise<string> {
    if (this.#sourceId !== null) return this.#sourceId;
    const { stream: name } = this.#options;
    const { source } = await this.#ask(find, { name });
    if (source === null) throw new Error(`There is no stream "${name}".`);
    this.#sourceId = source.id;
    return source.id;
  }

  async #ask(query: string, variables: object) {
    const response = await fetch(this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#options.token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = await response.json();
    if (errors !== undefined) throw new Error(errors[0].message);
    return data;
  }
}

function entryOf(line: string): object {
  let record: Line;
  try {
    record = JSON.parse(line);
  } catch {
    return { message: line };
  }
  const { level, time, msg, name, ...fields } = record;
  const moment = new Date(time ?? Date.now());
  return {
    timestamp: Number.isNaN(moment.getTime()) ? new Date() : moment,
    level: levelOf(level),
    message: msg ?? '',
    ...(name !== undefined && { logger: name }),
    fields: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [reserved.has(key) ? `_${key}` : key, value]),
    ),
  };
}

/** Names that a record has for itself. */
const reserved = new Set(['timestamp', 'level', 'logger', 'message', 'module', 'function', 'line']);

function levelOf(level: number | string | undefined): string {
  if (typeof level === 'number') return levels.find(([least]) => level >= least)?.[1] ?? 'INFO';
  const word = String(level ?? 'INFO').toUpperCase();
  return words.has(word) ? word : 'INFO';
}
