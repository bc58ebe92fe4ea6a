import { randomUUID } from 'node:crypto';

export interface ReporterOptions {
  /** Of the server, such as `http://127.0.0.1:4000/graphql`. */
  url: string;
  /** An API token with the scope ACTIONS_WRITE. */
  token: string;
  /** Is told what could not be reported; by default nobody is. */
  onProblem?: (problem: string) => void;
}

interface Report {
  timestamp: string;
  service: string;
  action: string;
  status: 'SUCCESS' | 'FAILED';
  durationMs: number;
  error?: string;
  metadata?: unknown;
}

/** Reports in one request; the server takes up to `limits.maxBatchWrite`. */
const batchSize = 500;
/** Time (ms) that a report waits for others to go with it. */
const delayMs = 500;
/** Reports that wait while the server is away; of more, the oldest are given up. */
const mostWaiting = 10_000;
/** A server that does not answer by then (ms) is asked again, with the same key. */
const timeoutMs = 10_000;

const document = `mutation ($input: RecordActionsInput!) {
  recordActions(input: $input) { __typename ... on Error { message } }
}`;

/** Reports what a service does, in the background: it never throws into the service, and never makes it wait. */
export class Reporter {
  readonly #options: ReporterOptions;
  #waiting: Report[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Runs `fn`, and reports how long it took and whether it threw. Gives what it gives, and throws what it throws. */
  async withAction<Result>(
    service: string,
    action: string,
    fn: () => Result | Promise<Result>,
    metadata?: unknown,
  ): Promise<Result> {
    const timestamp = new Date().toISOString();
    const started = performance.now();
    const report = (ending: Pick<Report, 'status' | 'error'>) =>
      this.report({ timestamp, service, action, durationMs: performance.now() - started, metadata, ...ending });
    try {
      const result = await fn();
      report({ status: 'SUCCESS' });
      return result;
    } catch (error) {
      report({ status: 'FAILED', error: String(error) });
      throw error;
    }
  }

  report(report: Report): void {
    this.#waiting.push(report);
    const excess = this.#waiting.length - mostWaiting;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#tell(`${excess} reports were given up: too many wait.`);
    }
    if (this.#waiting.length >= batchSize) this.#send();
    // A program that has nothing else to do may end; `flush` first.
    else this.#timer ??= setTimeout(() => this.#send(), delayMs).unref();
  }

  /** Resolves when everything that was reported by now was sent, or given up: for the end of a program. */
  async flush(): Promise<void> {
    this.#send();
    await this.#sending;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One request after the other, so that the order is kept and a server that is away is not flooded.
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) await this.#sendBatch(this.#waiting.splice(0, batchSize));
    });
  }

  /** Tries some times, for about 15 seconds. The key sees to it that the server records a batch once. */
  async #sendBatch(actions: Report[]): Promise<void> {
    const input = { actions, idempotencyKey: randomUUID() };
    for (let attempt = 0; attempt < 7; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 125 * 2 ** attempt));
      try {
        const problem = await this.#post({ query: document, variables: { input } });
        if (problem !== null) this.#tell(`${actions.length} reports were refused: ${problem}`);
        return;
      } catch (error) {
        this.#tell(`The server cannot be reached: ${error}`);
      }
    }
    this.#tell(`${actions.length} reports were given up.`);
  }

  /** Null: recorded. Else why not. Throws when it is worth another attempt. */
  async #post(operation: object): Promise<string | null> {
    const response = await fetch(this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#options.token}` },
      body: JSON.stringify(operation),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = await response.json();
    if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
    if (errors !== undefined) return errors[0].message;
    const { __typename, message } = data.recordActions;
    // Too much waits there: later it takes more.
    if (__typename === 'LimitReachedError') throw new Error(message);
    return __typename === 'RecordActionsPayload' ? null : message;
  }

  #tell(problem: string): void {
    try {
      this.#options.onProblem?.(problem);
    } catch {
      // Whoever is told must not bring the service down, either.
    }
  }
}
