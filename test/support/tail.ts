import type { Answer } from './server.ts';
import type { TestSocket } from './socket.ts';

export const tailDocument = `
  subscription ($sources: [ID!]!, $filter: LogFilter, $after: Cursor, $last: Int, $delivery: LogDelivery) {
    logTail(sources: $sources, filter: $filter, after: $after, last: $last, delivery: $delivery) {
      __typename
      ... on LogBatch { cursor entries { raw cursor } }
      ... on LogCaughtUp { cursor }
      ... on LogProgress { cursor scannedBytes }
      ... on SourceStateChanged { source { name state } }
      ... on LogRotated { possibleLoss }
      ... on Error { message }
      ... on InvalidInputError { problems { code path } }
    }
  }`;

/** An event of `tailDocument`. */
export interface TailEvent {
  __typename: string;
  cursor?: string;
  scannedBytes?: string;
  message?: string;
  problems?: { code: string; path: string[] }[];
  source?: { name: string; state: string };
  entries?: { raw: string; cursor: string }[];
}

/** The event in an answer; throws when it has errors instead. */
export function eventOf(answer: Answer): TailEvent {
  const text = JSON.stringify(answer);
  const { data }: Answer<{ logTail: TailEvent } | null> = JSON.parse(text);
  if (!data) throw new Error(text);
  return data.logTail;
}

/** A running tail over a socket. */
export interface SocketTail {
  id: string;
  event(): Promise<TailEvent>;
  /** The lines of the next so many entries. */
  lines(count: number): Promise<string[]>;
}

/** Starts a tail, and waits until it is live. */
export async function follow(socket: TestSocket, ...sources: string[]): Promise<SocketTail> {
  const id = socket.subscribe(tailDocument, { sources });
  const tail = {
    id,
    event: async () => eventOf(await socket.result(id)),
    async lines(count: number) {
      const lines: string[] = [];
      while (lines.length < count) lines.push(...((await tail.event()).entries ?? []).map(({ raw }) => raw));
      return lines;
    },
  };
  const event = await tail.event();
  if (event.__typename !== 'LogCaughtUp') throw new Error(`Not live: ${JSON.stringify(event)}`);
  return tail;
}
