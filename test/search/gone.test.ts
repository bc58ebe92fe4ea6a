import { describe, expect, test, vi } from 'vitest';
import { rawOf, readEntries } from '../support/entries.ts';
import { openIn } from '../support/open-files.ts';
import { startTestServer } from '../support/server.ts';

/** At some microseconds for each character of such a text, this takes minutes. */
const filter = { matches: '(?:a.{60}|b.{50})[xy]' };
let state = 1;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state;
};
const slow = Array.from({ length: 500_000 }, () => `${random().toString(2)}\n`)
  .join('')
  .replaceAll('0', 'a')
  .replaceAll('1', 'b');

const asked = [
  ['a page', 'entries(last: 10, filter: $filter) { nodes { raw } }'],
  ['a histogram', 'histogram(filter: $filter) { complete }'],
  ['the values of a field', 'valueCounts(path: "level", filter: $filter) { complete }'],
] as const;

describe('a search that nobody waits for any more is called off', () => {
  test.each(asked)('when the client that asked for %s goes away', { timeout: 90_000 }, async (_name, field) => {
    const server = await startTestServer({
      files: { 'slow.jsonl': `{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"m"}\n${slow}` },
      limits: { searchMsPerPage: 600_000, searchMsPerSummary: 600_000 },
    });
    const gone = new AbortController();
    const answer = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
      body: JSON.stringify({
        query: `query ($filter: LogFilter) { source(by: { name: "slow.jsonl" }) { ${field} } }`,
        variables: { filter },
      }),
      signal: gone.signal,
    });
    const isOpen = () => openIn(server.directory).includes(server.path('slow.jsonl'));
    await vi.waitFor(() => expect(isOpen()).toBe(true), { timeout: 30_000 });
    gone.abort();
    await expect(answer).rejects.toThrow('aborted');
    // A search holds the file open for as long as it goes on.
    await vi.waitFor(() => expect(isOpen()).toBe(false), { timeout: 30_000 });
    // Nothing that whoever runs the server would have to look into.
    const faults = await readEntries(server, 'tailql/system', { last: 100, filter: { minLevel: 'WARN' } });
    expect(rawOf(faults)).toEqual([]);
  });
});
