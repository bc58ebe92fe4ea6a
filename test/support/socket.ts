import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Answer, AnswerError } from './server.ts';

/** A message of the graphql-transport-ws protocol, as the server sends it. */
export type ServerMessage =
  | { type: 'connection_ack' | 'ping' | 'pong' }
  | { type: 'next'; id: string; payload: Answer<Record<string, unknown>> }
  | { type: 'error'; id: string; payload: AnswerError[] }
  | { type: 'complete'; id: string };

export interface SocketOptions {
  /** Subprotocol to ask for; null asks for none. */
  protocol?: string | null;
  headers?: { [name: string]: string };
}

/** How the server closed a socket. */
export interface Closing {
  code: number;
  reason: string;
}

/** How long something that is waited for may take (ms); far more than it does. */
const patienceMs = 40_000;

/**
 * A WebSocket that speaks graphql-transport-ws by hand. It keeps every message until it is asked for, so a test cannot
 * miss one. After tests/utils/tclient.ts of graphql-ws.
 */
export class TestSocket {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  #closing: Closing | null = null;
  #messages: ServerMessage[] = [];
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#wake();
    });
    // A connection that is cut closes, too, and that is what is told.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#closing = { code, reason: String(reason) };
        this.#wake();
        resolve(this.#closing);
      });
    });
  }

  /** Sends a message, or this text as it is. */
  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** connection_init, and its acknowledgement. */
  async introduce(payload?: object): Promise<void> {
    this.send({ type: 'connection_init', ...(payload && { payload }) });
    await this.take(({ type }) => type === 'connection_ack');
  }

  /** Starts an operation, and gives its id. */
  subscribe(query: string, variables: object = {}, id: string = randomUUID()): string {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
    return id;
  }

  /** Runs an operation that answers once. */
  async query(query: string, variables: object = {}): Promise<Answer<Record<string, unknown>>> {
    const id = this.subscribe(query, variables);
    const answer = await this.next(id);
    if (answer.type === 'error') return { errors: answer.payload };
    if (answer.type !== 'next') throw new Error(`Completed without an answer: ${query}`);
    await this.take((message) => message.type === 'complete' && message.id === id);
    return answer.payload;
  }

  /** The next message of an operation. */
  async next(id: string): Promise<Extract<ServerMessage, { id: string }>> {
    const message = await this.take((message) => 'id' in message && message.id === id);
    if (!('id' in message)) throw new Error(`Not a message of an operation: ${message.type}`);
    return message;
  }

  /** The next result of an operation; throws when it ended instead. */
  async result(id: string): Promise<Answer<Record<string, unknown>>> {
    const message = await this.next(id);
    if (message.type !== 'next') throw new Error(`Instead of a result: ${JSON.stringify(message)}`);
    return message.payload;
  }

  /** The first message, of those not taken yet, that is wanted; waits for it. Others stay where they are. */
  async take(wanted: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const index = this.#messages.findIndex(wanted);
      const [message] = index === -1 ? [] : this.#messages.splice(index, 1);
      if (message !== undefined) return message;
      if (this.#closing !== null) throw new Error(`The server closed: ${JSON.stringify(this.#closing)}`);
      await this.#news(deadline);
    }
  }

  /** Messages that came and were not taken. */
  get waiting(): readonly ServerMessage[] {
    return this.#messages;
  }

  /** Ends an operation. */
  complete(id: string): void {
    this.send({ id, type: 'complete' });
  }

  /** Closes the socket, and waits until it is. */
  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }

  #news(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Nothing came; waiting: ${JSON.stringify(this.#messages)}`)),
        deadline - performance.now(),
      );
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Opens a socket. Rejects with `HTTP 403` and the like when the server refuses the upgrade. */
export function openSocket(url: string, options: SocketOptions = {}): Promise<TestSocket> {
  const { protocol = 'graphql-transport-ws', headers = {} } = options;
  const socket = new WebSocket(url, protocol ?? [], { headers });
  const opened = new TestSocket(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(opened));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      reject(new Error(`HTTP ${response.statusCode}`));
    });
  });
}
