import { beforeAll, expect, test } from 'vitest';
import { Network } from '../examples/network.ts';
import { describeInChromium, launchChromium, newVisit } from '../support/chromium.ts';
import { startTestServer } from '../support/server.ts';

const query = `subscription ($sources: [ID!]!) {
  logTail(sources: $sources) { ... on LogCaughtUp { cursor } ... on LogBatch { cursor entries { raw } } } }`;

describeInChromium("a browser's EventSource", () => {
  let browser: Awaited<ReturnType<typeof launchChromium>>;

  beforeAll(async () => {
    browser = await launchChromium();
    return () => browser.close();
  });

  test('that is cut off goes on by itself after the last event, and misses and repeats nothing', async () => {
    const server = await startTestServer({ files: { 'app.log': '' } });
    const network = await Network.open(server.url);
    const { page } = await newVisit(browser);
    await page.goto(server.signInUrl.replace(server.url, new URL(network.url).origin));
    const variables = JSON.stringify({ sources: [await server.sourceId('app.log')] });
    await page.evaluate(`
      lines = [];
      opened = 0;
      const source = new EventSource('/graphql?' + new URLSearchParams(${JSON.stringify({ query, variables })}));
      source.onopen = () => opened++;
      source.addEventListener('next', ({ data }) => {
        for (const { raw } of JSON.parse(data).data.logTail.entries ?? []) lines.push(raw);
      });`);
    const written: string[] = [];
    const write = async (line: string) => {
      written.push(line);
      await server.append('app.log', `${line}\n`);
    };
    const opened = (times: number) =>
      expect.poll(() => page.evaluate('opened'), { timeout: 30_000 }).toBeGreaterThanOrEqual(times);
    const arrived = () => expect.poll(() => page.evaluate('lines'), { timeout: 30_000 }).toEqual(written);
    await opened(1);
    for (let cut = 1; cut <= 2; cut++) {
      await write(`before cut ${cut}`);
      await arrived();
      network.cut();
      await write(`during cut ${cut}`);
      await opened(cut + 1);
      await write(`after cut ${cut}`);
      await arrived();
    }
  });
});
