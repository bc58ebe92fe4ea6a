import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';

const executablePath = '/usr/bin/chromium';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Whatever else a page asks for fails at once, instead of waiting for a network that may not be there.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** `describe` for tests in headless Chromium: skipped, and said so, where it is not installed. In CI that is a failure. */
export function describeInChromium(title: string, body: () => void): void {
  const installed = existsSync(executablePath);
  if (!installed && process.env.CI === 'true') {
    throw new Error('Chromium is not installed (apt-get install chromium): CI must not skip its tests.');
  }
  if (!installed) {
    process.stderr.write('Skipping the tests in Chromium: it is not installed (apt-get install chromium).\n');
  }
  describe.skipIf(!installed)(title, body);
}

/** Close it when the tests have run. */
export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath, args });

/** A page of a new visitor, and what it does meanwhile. */
export interface Visit {
  page: Page;
  /** URLs of all requests, those of workers and WebSockets too. */
  requests: string[];
  /** Errors and warnings on the console, violations of the content security policy among them, and uncaught errors. */
  complaints: string[];
}

export async function newVisit(browser: Browser): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  // Sooner than the test ends, so that what is missing is named.
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, requests, complaints };
}
