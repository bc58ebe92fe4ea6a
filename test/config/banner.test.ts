import { expect, test } from 'vitest';
import { banner } from '../../server/banner.ts';
import { redact } from '../../server/redact.ts';

test('the banner is an aligned table without credentials of the database', () => {
  const text = banner({
    url: 'http://127.0.0.1:4000',
    signInUrl: 'http://127.0.0.1:4000/sign-in?code=abc',
    dataDir: '/srv/tailql',
    database: 'postgresql://ann:hunter2@db/logs',
    sources: 3,
    version: '1.2.3',
  });
  expect(text).toBe(
    `GraphQL         http://127.0.0.1:4000/graphql
GraphiQL        http://127.0.0.1:4000/graphql (in a browser)
WebSocket       ws://127.0.0.1:4000/graphql
Data            /srv/tailql
Database        postgresql://***@db/logs
Sources         3
Version         1.2.3
Sign in (once)  http://127.0.0.1:4000/sign-in?code=abc
`,
  );
});

test('the WebSocket of a server behind TLS is encrypted too', () => {
  const info = { signInUrl: '', dataDir: '', database: '', sources: 0, version: '' };
  expect(banner({ ...info, url: 'https://logs.example.com' })).toContain('wss://logs.example.com/graphql\n');
});

test.each([
  ['postgresql://ann:p@ss/w@db/logs', 'postgresql://***@db/logs'],
  [
    'postgresql://db/logs?user=ann&password=p&application_name=x',
    'postgresql://db/logs?user=ann&password=***&application_name=x',
  ],
  ['postgresql://ann@db/logs', 'postgresql://***@db/logs'],
  ['file:/srv/tailql/tailql.db', 'file:/srv/tailql/tailql.db'],
])('%s is shown as %s', (url, shown) => {
  expect(redact(url)).toBe(shown);
});
