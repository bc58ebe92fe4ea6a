import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInChromium, launchChromium } from '../support/chromium.ts';
import { documents, password, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// A browser is slow where other tests run beside it.
const timeout = 60_000;

describeInChromium('a browser in which somebody is signed in', () => {
  let browser: Browser;
  let server: TestServer;
  /** On another port of the same machine: the same site, so that even strict cookies are sent from there. */
  let foreign: Server;
  let foreignUrl: string;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await startTestServer({ auth: { registration: 'OPEN' } });
    foreign = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>evil'));
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    const address = foreign.address();
    foreignUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  }, timeout);

  afterAll(async () => {
    foreign.close();
    await browser.close();
  });

  /** What a script of a page gets for a query: the answer, or that it was refused. */
  const ask = (page: Page, query: string, type: string) =>
    page.evaluate(
      async ([url, body, contentType]) => {
        const init = {
          method: 'POST',
          body,
          credentials: 'include' as const,
          headers: { 'content-type': contentType },
        };
        return fetch(url, init).then((response) => response.text(), String);
      },
      [`${server.url}/graphql`, JSON.stringify({ query }), type] as const,
    );

  /** How a WebSocket of a page is answered when it introduces itself with nothing but the cookie. */
  const connect = (page: Page) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url, 'graphql-transport-ws');
          const query = '{ me { username } }';
          socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init' }));
          socket.onmessage = ({ data }) => {
            if (String(data).includes('connection_ack')) {
              socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
            } else resolve(String(data));
          };
          socket.onerror = () => resolve('refused');
        }),
      server.wsUrl,
    );

  test('lets pages of the server ask, and pages of another origin not', { timeout }, async () => {
    const context = await browser.newContext();
    const ours = await context.newPage();
    await ours.goto(server.signInUrl);
    const me = '{ me { username } }';
    expect(await ask(ours, me, 'application/json')).toContain('"username":"admin"');
    expect(await connect(ours)).toContain('"username":"admin"');

    const evil = await context.newPage();
    await evil.goto(foreignUrl);
    expect(await ask(evil, me, 'application/json')).toContain('TypeError');
    expect(await connect(evil)).toBe('refused');
    // What a browser sends without asking first has no effect, whatever it looks like.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect(await ask(evil, 'mutation { logout { __typename } }', type)).toContain('TypeError');
    }
    expect(await ask(ours, me, 'application/json')).toContain('"username":"admin"');
    await context.close();
  });

  test('signs in with a password, stays signed in by its cookies, and signs out', { timeout }, async () => {
    await registered(server, 'ada');
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${server.url}/graphql`);
    const json = 'application/json';
    const input = `{ username: "ada", password: "${password}" }`;
    const login = `mutation { login(input: ${input}) { __typename } }`;
    expect(await ask(page, login, json)).toContain('LoginPayload');
    expect(await ask(page, '{ me { username } }', json)).toContain('"username":"ada"');
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await ask(page, documents.refresh, json)).toContain('RefreshSessionPayload');
    expect(await ask(page, documents.logout, json)).toContain('LogoutPayload');
    expect(await ask(page, '{ me { username } }', json)).toContain('UNAUTHENTICATED');
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });
});
