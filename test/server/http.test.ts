import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { databaseUrls } from '../support/databases.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ files: { 'app.log': 'first line\n' } });
});

const get = (path: string, init: RequestInit = {}) => fetch(server.url + path, { redirect: 'manual', ...init });

/** Sends bytes as they are, and gives everything that comes back until the server hangs up. */
function exchange(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

describe('besides the API there is', () => {
  test('a way from / to the API', async () => {
    const response = await get('/');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/graphql']);
  });

  test('/health, which asks nobody', async () => {
    const response = await get('/health');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  test.each(['/nothing', '/graphql/', '/graphql/x', '/graphql.php', '/health/', '/data/secret', '/..%2fdata/secret'])(
    'nothing at %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('the API is at /graphql');
    },
  );

  test.each([['//'], ['//['], ['///'], ['http://[/'], ['/%'], ['/\\'], ['*']])(
    'no way to break it with the path %s, also as an upgrade',
    async (path) => {
      const upgrade =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
      expect(await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 [34]\d\d /,
      );
      expect(await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect((await get('/health')).status).toBe(200);
    },
  );

  test('no WebSocket but at the API', async () => {
    expect(
      await exchange('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('the sign-in link', () => {
  test('signs in once, with a cookie that scripts and other sites do not get', async () => {
    const { signInUrl, url, wsUrl } = await startTestServer();
    const open = (init: RequestInit = {}) => fetch(signInUrl, { redirect: 'manual', ...init });
    // What only looks ahead does not use it up.
    expect((await open({ method: 'HEAD' })).status).toBe(405);
    expect((await open({ headers: { 'sec-purpose': 'prefetch' } })).status).toBe(405);
    expect((await open({ headers: { 'sec-purpose': 'prefetch;prerender' } })).status).toBe(405);
    expect((await open({ method: 'POST' })).status).toBe(405);

    const response = await open();
    expect([response.status, response.headers.get('location')]).toEqual([303, '/graphql']);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    const [set = '', refresh = ''] = response.headers.getSetCookie();
    expect(refresh).toMatch(/^tailql_refresh=[\w-]+; HttpOnly; SameSite=Strict; Path=\/graphql; Max-Age=2591\d\d\d$/);
    expect(set).toMatch(/^tailql_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43\d\d\d$/);

    const again = await open();
    expect(again.status).toBe(401);
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(await again.text()).toContain('used before or is too old');

    const cookie = set.slice(0, set.indexOf(';'));
    const ask = async (headers: { [name: string]: string }) => {
      const init = { method: 'POST', body: '{"query":"{ me { username } }"}' };
      const answer = await fetch(`${url}/graphql`, {
        ...init,
        headers: { 'content-type': 'application/json', ...headers },
      });
      return JSON.parse(await answer.text());
    };
    const admin = { data: { me: { username: 'admin' } } };
    const nobody = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };
    expect(await ask({ cookie })).toEqual(admin);
    expect(await ask({ cookie: `theme=dark; ${cookie}; x=y` })).toEqual(admin);
    expect(await ask({ cookie, origin: url })).toEqual(admin);
    expect(await ask({ cookie, origin: 'https://evil.example' })).toMatchObject(nobody);
    expect(await ask({ cookie, origin: url.replace(/\d+$/, '1') })).toMatchObject(nobody);
    expect(await ask({ cookie, origin: 'null' })).toMatchObject(nobody);
    expect(await ask({ cookie: 'tailql_session=nonsense' })).toMatchObject(nobody);

    const connected = await openSocket(wsUrl, { headers: { cookie, origin: url } });
    await connected.introduce();
    expect(await connected.query('{ me { username } }')).toEqual(admin);
    await connected.close();
    await expect(openSocket(wsUrl, { headers: { cookie, origin: 'https://evil.example' } })).rejects.toThrow(
      'HTTP 403',
    );
    // Without a cookie there is nothing that another origin could borrow.
    const foreign = await openSocket(wsUrl, { headers: { origin: 'https://evil.example' } });
    await foreign.introduce();
    expect(await foreign.query('{ me { username } }')).toMatchObject(nobody);
    await foreign.close();
  });

  test.each(['', '?code=', '?code=nonsense', '?code=%00', '?other=1'])('refuses /sign-in%s', async (search) => {
    const response = await get(`/sign-in${search}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
  });
});

describe('other origins', () => {
  const preflight = (url: string, origin: string, path = '/graphql') =>
    fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

  test('get no access unless the configuration names them', async () => {
    expect(allowed(await preflight(server.url, 'https://logs.example.com'))).toBeNull();
    expect(
      allowed(await get('/graphql?query={__typename}', { headers: { origin: 'https://logs.example.com' } })),
    ).toBeNull();
  });

  test.each(['/streams/shop', '/v1/logs', '/upload'])('may send to %s where they may ask', async (path) => {
    const origin = 'https://logs.example.com';
    const { url } = await startTestServer({ allowedOrigins: [origin] });
    const granted = await preflight(url, origin, path);
    expect([granted.status, allowed(granted)]).toEqual([204, origin]);
    expect(granted.headers.get('access-control-allow-methods')).toBe(path === '/upload' ? 'PUT' : 'POST');
    expect(granted.headers.get('access-control-allow-headers')).toBe('content-type');
    const post = (from: string) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { origin: from, 'content-type': 'application/json' },
        body: '',
      });
    // Also a refusal is told.
    expect(allowed(await post(origin))).toBe(origin);
    for (const other of [await preflight(url, 'null', path), await post('https://evil.example')]) {
      expect(allowed(other)).toBeNull();
    }
  });

  test('are told apart exactly', async () => {
    const { url } = await startTestServer({ allowedOrigins: ['https://logs.example.com', 'https://b.example.com'] });
    const granted = await preflight(url, 'https://logs.example.com');
    expect(allowed(granted)).toBe('https://logs.example.com');
    expect(granted.headers.get('access-control-allow-credentials')).toBe('true');
    for (const origin of [
      'https://evil.example',
      'http://logs.example.com',
      'https://logs.example.com:444',
      'https://x.logs.example.com',
      'https://logs.example.com.evil.example',
      'null',
    ]) {
      expect(allowed(await preflight(url, origin)), origin).toBeNull();
    }
  });
});

describe('what a form of another site could send is refused:', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'TEXT/PLAIN;charset=utf-8',
  ])('%s', async (type) => {
    const body = 'query={me{username}}';
    const response = await get('/graphql', { method: 'POST', headers: { 'content-type': type }, body });
    expect(response.status).toBe(415);
    expect(await response.text()).toContain('application/json');
  });

  test('no type at all', async () => {
    const body = new Uint8Array(Buffer.from('{"query":"{ __typename }"}'));
    const response = await get('/graphql', { method: 'POST', body });
    expect(response.status).toBe(415);
  });
});

test.each(['query=%', '%', 'query=%00', 'query={__typename}&variables=%', 'query={__typename}&variables=[', 'query'])(
  'a search that is %s is refused in words, and no fault',
  async (search) => {
    const response = await get(`/graphql?${search}`, { headers: { accept: 'application/json' } });
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).toMatch(/^\{"errors":\[\{"message":"/);
  },
);

test('a Host header that is none does no harm', async () => {
  for (const host of ['[', '', 'a b', '"']) {
    const request = `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{"query":"{ __typename }"}`;
    expect(await exchange(request), host).toMatch(/^HTTP\/1\.1 [24]\d\d /);
  }
  expect((await get('/health')).status).toBe(200);
});

test.each([
  ['no JSON', '{"query":'],
  ['an array', '[{"query":"{ __typename }"}]'],
  ['a number', '1'],
  ['null', 'null'],
  ['no query', '{}'],
  ['a query that is no text', '{"query":1}'],
  ['variables that are no object', '{"query":"{ __typename }","variables":[1]}'],
])('a request that is %s is refused with 400 and a sentence', async (_name, body) => {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  const response = await get('/graphql', { method: 'POST', headers, body });
  expect(response.status).toBe(400);
  const answer = JSON.parse(await response.text());
  expect(answer).toEqual({ errors: [expect.objectContaining({ message: expect.stringMatching(/\w/) })] });
  expect(JSON.stringify(answer)).not.toMatch(/INTERNAL_ERROR|stack/);
});

describe.each(databaseUrls())('/ready, on %s', (kind, freshUrl) => {
  test('tells whether the database answers; /health goes on', async () => {
    const databaseUrl = await freshUrl();
    const ours = await startTestServer({ databaseUrl });
    const ready = () => fetch(`${ours.url}/ready`);
    expect((await ready()).status).toBe(200);
    const { client, close } = await openDatabase(databaseUrl);
    const drop = kind === 'sqlite' ? 'DROP TABLE "User"' : 'DROP TABLE "User" CASCADE';
    await client.$executeRawUnsafe('PRAGMA foreign_keys = OFF').catch(() => {});
    await client.$executeRawUnsafe(drop);
    await close();
    const response = await ready();
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'unavailable', reason: 'The database does not answer.' });
    expect((await fetch(`${ours.url}/health`)).status).toBe(200);
  });
});
