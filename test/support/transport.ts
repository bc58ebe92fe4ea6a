import type { Answer, TestServer } from './server.ts';

/** Asks one server one thing, over one transport. */
export type Ask = (
  server: TestServer,
  operation: { query: string; variables?: object; token?: string | null },
) => Promise<Answer<Record<string, unknown>>>;

const json = 'application/graphql-response+json, application/json;q=0.9';

const headers = (server: TestServer, accept: string, token: string | null = server.token) => ({
  accept,
  'content-type': 'application/json',
  ...(token !== null && { authorization: `Bearer ${token}` }),
});

/** Every way to ask that the server offers. */
export const transports: { [name: string]: Ask } = {
  async POST(server, { token, ...operation }) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: headers(server, json, token),
      body: JSON.stringify(operation),
    });
    return JSON.parse(await response.text());
  },

  async GET(server, { token, query, variables = {} }) {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    const response = await fetch(`${server.url}/graphql?${search}`, { headers: headers(server, json, token) });
    return JSON.parse(await response.text());
  },

  async SSE(server, { token, ...operation }) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: headers(server, 'text/event-stream', token),
      body: JSON.stringify(operation),
    });
    const [event] = events(await response.text());
    if (event === undefined) throw new Error(`No event: HTTP ${response.status}`);
    return JSON.parse(event);
  },

  async WebSocket(server, { token, query, variables }) {
    const socket = await server.socket({ token });
    try {
      return await socket.query(query, variables);
    } finally {
      await socket.close();
    }
  },
};

/** The data of the `next` events in a text of server-sent events. */
const events = (text: string): string[] =>
  text
    .split('\n\n')
    .filter((event) => /^event: next$/m.test(event))
    .map((event) => /^data: (.*)$/m.exec(event)?.[1] ?? '');
