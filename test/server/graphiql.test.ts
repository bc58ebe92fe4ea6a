import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples } from '../../server/graphiql/example.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { createToken } from '../../server/token-command.ts';
import { type Config, defaultConfig } from '../../src/config.ts';
import { packageRoot } from '../../src/package.ts';
import { describeInChromium, launchChromium, newVisit } from '../support/chromium.ts';
import { startTestServer } from '../support/server.ts';

const chrome = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

let directory: string;
let log: string;
let config: Config;
let server: RunningServer;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tailql-graphiql-'));
  log = path.join(directory, 'app.log');
  await writeFile(log, 'the first line\n');
  config = defaultConfig({ dataDir: path.join(directory, 'data'), port: 0, sources: [{ path: log, name: 'app' }] });
  server = await startServer(config);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => fetch(new URL(url, server.url), { headers });

const isPage = (response: Response) => response.headers.get('content-type') === 'text/html; charset=utf-8';

test.each([
  ['/graphql', chrome, true],
  ['/graphql?operationName=Sources', chrome, true],
  ['/graphql', 'text/html', true],
  ['/graphql', 'text/html;q=0.9, application/json;q=0.1', true],
  ['/graphql', 'application/json, text/html;q=0.9', false],
  ['/graphql', 'application/graphql-response+json, text/html;q=0.5', false],
  ['/graphql', 'text/html;q=0', false],
  ['/graphql', '*/*', false],
  ['/graphql', 'text/event-stream', false],
  ['/graphql?query={__typename}', chrome, false],
])('GET %s that accepts %s is for GraphiQL: %s', async (url, accept, expected) => {
  expect(isPage(await get(url, { accept }))).toBe(expected);
});

test('the page lets no script run and no connection be made but to its own origin', async () => {
  const policy = (await get('/graphql', { accept: chrome })).headers.get('content-security-policy') ?? '';
  const directives = new Map(
    policy.split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1).join(' ')]),
  );
  expect(Object.fromEntries(directives)).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'worker-src': "'self'",
    'connect-src': "'self'",
    'frame-ancestors': "'none'",
  });
  expect(policy).not.toMatch(/https?:/);
});

test('what the page loads may be kept for ever, is of its type, and comes compressed to those who can read it', async () => {
  const html = await (await get('/graphql', { accept: chrome })).text();
  expect(html.length).toBeLessThan(3000);
  const files = [...html.matchAll(/"(graphiql\/[^"]+)"/g)].map(([, file]) => file ?? '');
  expect(files).toHaveLength(6);
  for (const file of files) {
    const response = await get(file, { 'accept-encoding': 'gzip, deflate, br' });
    const type = file.endsWith('.css') ? 'text/css' : 'text/javascript';
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': `${type}; charset=utf-8`,
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    const plain = await get(file, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await response.text());
  }
});

test('a file of another version is not found', async () => {
  expect((await get('/graphiql/start-AAAAAAAAAAAAAAAA.js')).status).toBe(404);
});

test('every example is valid in the schema', async () => {
  const schema = buildSchema(await readFile(path.join(packageRoot, 'schema/schema.graphql'), 'utf8'));
  expect(examples({ system: 'id', audit: null }).flatMap(({ query }) => validate(schema, parse(query)))).toEqual([]);
});

test('every example that is a query answers something on a new server', async () => {
  const ours = await startTestServer({ sources: [] });
  const ids = { system: await ours.sourceId('tailql/system'), audit: await ours.sourceId('tailql/audit') };
  const queries = examples(ids).filter(({ query }) => !query.includes('subscription'));
  const answers = await Promise.all(
    queries.map(({ query, variables = '{}' }) => ours.data(query, JSON.parse(variables))),
  );
  const some = [expect.anything()];
  expect(answers).toEqual([
    { server: expect.anything(), sources: { nodes: Array(2).fill(expect.anything()) } },
    { source: { entries: expect.objectContaining({ nodes: expect.arrayContaining(some) }) } },
    { source: { entries: expect.objectContaining({ nodes: expect.arrayContaining(some) }) } },
    {
      source: {
        histogram: expect.objectContaining({ buckets: expect.arrayContaining(some) }),
        valueCounts: { values: expect.arrayContaining([{ value: 'server_start', count: '1' }]) },
      },
    },
    { logs: expect.objectContaining({ edges: expect.arrayContaining(some) }) },
    { actions: { nodes: [] }, actionStats: expect.objectContaining({ total: '0' }) },
  ]);
});

// A browser is slow where other tests run beside it.
const timeout = 60_000;

describeInChromium('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  test('the sign-in link leads to GraphiQL, which runs queries and subscriptions and asks no other server', {
    timeout,
  }, async () => {
    const { page, requests, complaints } = await newVisit(browser);
    await page.goto(server.signInUrl ?? '');
    expect(page.url()).toBe(`${server.url}/graphql`);
    expect(await page.title()).toBe('Tailql');
    await runUntil(page, '"name": "app"');
    expect(await page.getByText('You are not signed in').isVisible()).toBe(false);

    await open(page, 'SystemLog');
    await runUntil(page, '"Server started"');

    await open(page, 'Search');
    await runUntil(page, '"server_start"', '"complete": true');
    await open(page, 'Histogram');
    await runUntil(page, '"value": "server_start"', '"bucketMs"');
    await open(page, 'Logs');
    await runUntil(page, '"tailql/audit"', '"tailql/system"');

    await open(page, 'Actions');
    await runUntil(page, '"failureRate": 0');

    await open(page, 'Tail');
    await runUntil(page, '"LogCaughtUp"', '"Server started"');
    await page.getByRole('button', { name: 'Stop query' }).click();

    await type(page, 'Variables', JSON.stringify({ sources: [await idOfApp(page)] }));
    await runUntil(page, '"LogCaughtUp"', '"the first line"');
    // In one word: the result pane breaks long lines.
    const line = randomUUID();
    await appendFile(log, `${line}\n`);
    await expect.poll(() => result(page), { timeout: 30_000 }).toContain(`"${line}"`);

    await page.reload();
    await page.getByRole('tab', { name: 'Tail' }).waitFor();
    expect(page.url(), 'the text of a query does not get into the address').toBe(`${server.url}/graphql`);
    expect(complaints.filter(notEarly)).toEqual([]);
    const { host } = new URL(server.url);
    expect(requests).toContain(`ws://${host}/graphql`);
    expect(requests.filter((url) => new URL(url).host !== host)).toEqual([]);
  });

  test('without signing in, the page says how to, and a token under "Headers" serves queries and subscriptions', {
    timeout,
  }, async () => {
    const { page, complaints } = await newVisit(browser);
    await page.goto(`${server.url}/graphql`);
    await page.getByText('You are not signed in').waitFor();
    await runUntil(page, '"UNAUTHENTICATED"');
    await open(page, 'Tail');
    await runUntil(page, '"UNAUTHENTICATED"');

    const authorization = `Bearer ${await createToken(config, 'graphiql', ['LOGS_READ'])}`;
    await type(page, 'Headers', JSON.stringify({ Authorization: authorization }));
    await type(page, 'Variables', JSON.stringify({ sources: [await idOfApp(page, authorization)] }));
    await runUntil(page, '"LogCaughtUp"', '"the first line"');

    await open(page, 'Sources');
    await type(page, 'Headers', JSON.stringify({ Authorization: authorization }));
    await runUntil(page, '"name": "app"');
    expect(complaints.filter(notEarly)).toEqual([]);

    await page.goto(`${server.url}/graphql`);
    await page.getByRole('tab', { name: 'Tail' }).waitFor();
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain('Bearer');
  });
});

/** Whether a complaint is of something else than the early attempts of `runUntil`. */
const notEarly = (complaint: string) => !complaint.endsWith('a status of 400 (Bad Request)');

const open = (page: Page, tab: string) => page.getByRole('tab', { name: tab }).click();

/** What the result pane shows. The editor writes spaces that do not break. */
async function result(page: Page): Promise<string> {
  return ((await page.locator('.result-window .view-lines').textContent()) ?? '').replaceAll('\u00a0', ' ');
}

/**
 * Runs what is in the tab until the result has all of the texts: for a moment after an edit, GraphiQL runs the old. What
 * is shown is looked at before it runs again, which empties the result.
 */
async function runUntil(page: Page, ...texts: string[]): Promise<void> {
  const button = page.getByRole('button', { name: /^(Execute|Stop) query/ });
  const all = new RegExp(texts.map((text) => `(?=[^]*${text})`).join(''));
  const attempt = async () => {
    const shown = await result(page);
    const isIdle = (await button.getAttribute('aria-label'))?.startsWith('Execute');
    if (isIdle && !all.test(shown)) await button.click();
    return shown;
  };
  await expect.poll(attempt, { timeout: 30_000, interval: 500 }).toMatch(all);
}

/** Replaces what is in one of the two editors below the query. */
async function type(page: Page, tool: 'Variables' | 'Headers', text: string): Promise<void> {
  await page.getByRole('button', { name: tool, exact: true }).click();
  await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines').click();
  await page.keyboard.press('ControlOrMeta+A');
  // With text still selected, the editor would put brackets around it.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Asked as the page asks: with its cookie, or a token. */
async function idOfApp(page: Page, authorization?: string): Promise<string> {
  const response = await page.request.post(`${server.url}/graphql`, {
    data: { query: '{ source(by: { name: "app" }) { id } }' },
    headers: authorization === undefined ? {} : { authorization },
  });
  const { data }: { data: { source: { id: string } } } = JSON.parse(await response.text());
  return data.source.id;
}
