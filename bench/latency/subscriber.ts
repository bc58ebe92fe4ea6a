import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Server } from '../server.ts';
import { now, stampsIn } from './stamp.ts';

/** What came over a socket, and when. It is understood after the round, so that nobody waits for that. */
export class Subscriber {
  readonly #socket: WebSocket;
  #received: { at: bigint; data: string }[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#received.push({ at: now(), data: String(data) }));
  }

  static async toPeer(port: number): Promise<Subscriber> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(socket, 'open');
    return new Subscriber(socket);
  }

  /** By the graphql-transport-ws protocol; https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
  static async toTailql(
    { url, authorization }: Server,
    sourceId: string,
    delivery: object | null,
  ): Promise<Subscriber> {
    const address = new URL(url);
    address.protocol = 'ws:';
    const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    const [answer] = await once(socket, 'message');
    z.object({ type: z.literal('connection_ack') }).parse(JSON.parse(String(answer)));
    const variables = { sources: [sourceId], delivery };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: tailDocument, variables } }));
    return new Subscriber(socket);
  }

  /** How many lines of a round have come. */
  count(run: string): number {
    return this.#received.reduce((sum, { data }) => sum + data.split(`order ${run}:`).length - 1, 0);
  }

  /** What came in a round: latency (ms) from the call to write until the message was here, for each line. */
  result(run: string): { numbers: number[]; latencies: number[]; messages: number } {
    const [numbers, latencies]: [number[], number[]] = [[], []];
    let messages = 0;
    for (const { at, data } of this.#received) {
      const before = numbers.length;
      for (const { number, writtenAt } of stampsIn(run, data)) {
        numbers.push(number);
        latencies.push(Number(at - writtenAt) / 1e6);
      }
      if (numbers.length > before) messages++;
    }
    return { numbers, latencies, messages };
  }

  close(): void {
    this.#socket.close();
  }
}

const tailDocument = `
  subscription ($sources: [ID!]!, $delivery: LogDelivery) {
    logTail(sources: $sources, delivery: $delivery) {
      ... on LogBatch { entries { cursor message timestamp level } }
      ... on Error { message }
    }
  }
`;
