import { serverAudits } from 'graphql-http';
import { beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

// https://github.com/graphql/graphql-http#server: what the GraphQL over HTTP specification demands and recommends.
describe.each(['without a token', 'with a token'] as const)('GraphQL over HTTP, %s', (credential) => {
  const audits = serverAudits({
    url: () => `${server.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      if (credential === 'with a token') headers.set('authorization', `Bearer ${server.token}`);
      return fetch(url, { ...init, headers });
    },
  });

  test('all of the 61 audits are there', () => expect(audits).toHaveLength(61));

  test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result, result.status === 'ok' ? '' : result.reason).toMatchObject({ status: 'ok' });
  });
});
