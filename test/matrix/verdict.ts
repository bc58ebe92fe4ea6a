import type { Answer, TestServer } from '../support/server.ts';
import { transports } from '../support/transport.ts';
import type { Verdict } from './rules.ts';

export type Transport = 'POST' | 'GET' | 'SSE' | 'WebSocket';

/** The transports on which an operation may be asked for. */
export function transportsFor(field: string): Transport[] {
  if (field.startsWith('Query.')) return ['POST', 'GET', 'SSE', 'WebSocket'];
  return field.startsWith('Mutation.') ? ['POST', 'SSE', 'WebSocket'] : ['SSE', 'WebSocket'];
}

/** What comes of asking for a field. */
export async function verdictOf(
  server: TestServer,
  { field, query, token }: { field: string; query: string; token: string | null },
  transport: Transport,
): Promise<Verdict> {
  if (!field.startsWith('Subscription.')) {
    const ask = transports[transport];
    if (ask === undefined) throw new Error(`There is no ${transport}.`);
    return judge(await ask(server, { query, token }));
  }
  const answer = await (transport === 'SSE' ? firstStreamed : firstSent)(server, query, token);
  // A subscription that is open, and of which nothing has come so far.
  return answer === null ? 'allowed' : judge(answer);
}

function judge({ data, errors }: Answer<Record<string, unknown>>): Verdict {
  const code = errors?.[0]?.extensions?.code;
  if (code === 'UNAUTHENTICATED') return 'unauthenticated';
  if (code === 'FORBIDDEN') return 'forbidden';
  // Some fields tell by an error of theirs that there is nothing.
  if (code === 'NOT_FOUND') return 'missing';
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const [value] = Object.values(data ?? {});
  if (value === null || value === undefined) return 'missing';
  const name = typeof value === 'object' && '__typename' in value ? value.__typename : '';
  if (name === 'NotFoundError') return 'missing';
  return name === 'ForbiddenError' ? 'refused' : 'allowed';
}

/** So long as it takes to ask for something else some times: a refusal needs no such time. */
async function meanwhile(server: TestServer): Promise<null> {
  for (let round = 0; round < 5; round++) await server.query('{ me { id } }');
  return null;
}

async function firstSent(server: TestServer, query: string, token: string | null) {
  const socket = await server.socket({ token });
  const id = socket.subscribe(query);
  await meanwhile(server);
  const [message] = socket.waiting.filter((one) => 'id' in one && one.id === id);
  await socket.close();
  if (message?.type === 'error') return { errors: message.payload };
  return message?.type === 'next' ? message.payload : null;
}

async function firstStreamed(server: TestServer, query: string, token: string | null) {
  const gone = new AbortController();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
    signal: gone.signal,
  });
  let text = '';
  const read = async () => {
    for await (const bytes of response.body ?? []) {
      text += new TextDecoder().decode(bytes);
      const [, event] = /^event: next\ndata: (.*)$/m.exec(text) ?? [];
      if (event !== undefined) return JSON.parse(event);
    }
    throw new Error(`No event: HTTP ${response.status} ${text}`);
  };
  const reading: Promise<Answer<Record<string, unknown>>> = read();
  const first = await Promise.race([reading, meanwhile(server)]);
  gone.abort();
  await reading.catch(() => {});
  return first;
}
