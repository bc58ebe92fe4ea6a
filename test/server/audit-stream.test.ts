import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { describe, expect, test } from 'vitest';
import { type Head, verifyFiles } from '../support/audit-files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const head = 'auditHead { sequence hash signedAt signature publicKey }';
const verification = 'intact complete records problems { sequence message cursor }';

interface Found {
  intact: boolean;
  complete: boolean;
  records: string;
  problems: { sequence: string; message: string; cursor: string | null }[];
}

/** An audit stream of so many records, and its one file. */
async function trailOf(count: number) {
  const server = await startTestServer({ auth: { registration: 'OPEN' } });
  const signedIn = await server.data<{ register: { credentials: { accessToken: string } } }>(
    `mutation { register(input: { username: "ada", password: "correct horse battery" }) {
      ... on RegisterPayload { credentials { accessToken } } } }`,
  );
  const token = signedIn.register.credentials.accessToken;
  const ask = async <Data>(document: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await server.query<Data>(document, variables, { token });
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
  const make =
    'mutation { createStream(input: { name: "trail", format: AUDIT_LOG }) { ... on CreateStreamPayload { source { id } } } }';
  const { id } = (await ask<{ createStream: { source: { id: string } } }>(make)).createStream.source;
  const record = (action: string) =>
    ask(
      'mutation ($id: ID!, $action: String!) { recordAuditEvent(input: { source: $id, action: $action }) { __typename } }',
      { id, action },
    );
  await Promise.all(Array.from({ length: count }, (_, index) => record(`action_${index}`)));
  const directory = join(server.config.dataDir, 'streams', decodeGlobalID(id).id);
  const file = () => join(directory, readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '');
  return {
    server,
    id,
    record,
    directory,
    file,
    change: (change: (lines: string[]) => string[]) =>
      writeFileSync(
        file(),
        change(readFileSync(file(), 'utf8').split('\n').slice(0, -1))
          .map((line) => `${line}\n`)
          .join(''),
      ),
    head: async () =>
      (await ask<{ source: { auditHead: Head } }>(`query ($id: ID!) { source(by: { id: $id }) { ${head} } }`, { id }))
        .source.auditHead,
    verify: async (kept: Head | null = null) =>
      (
        await ask<{ source: { auditVerification: Found } }>(
          `query ($id: ID!, $head: AuditHeadInput) { source(by: { id: $id }) { auditVerification(head: $head) { ${verification} } } }`,
          { id, head: kept },
        )
      ).source.auditVerification,
    /** As the API answers it. */
    asFile(kept: Head): string {
      const path = join(server.directory, `${kept.sequence}.json`);
      writeFileSync(path, JSON.stringify(kept));
      return path;
    },
  };
}

describe('an audit stream', () => {
  test('that is as it was written is intact, by the API and by its files alone', async () => {
    const trail = await trailOf(30);
    const kept = await trail.head();
    expect(kept.sequence).toBe('30');
    await trail.record('one_more');
    expect(await trail.verify(kept)).toEqual({ intact: true, complete: true, records: '31', problems: [] });
    const { status, output } = verifyFiles(
      trail.file(),
      '--head',
      trail.asFile(kept),
      '--stream',
      decodeGlobalID(trail.id).id,
    );
    expect([status, output]).toEqual([
      0,
      expect.stringMatching(/^31 records, intact; the last is 31, [0-9a-f]{64}\n$/),
    ]);
    const packed = `${trail.file()}.copy.gz`;
    writeFileSync(packed, gzipSync(readFileSync(trail.file())));
    expect(verifyFiles(packed).status).toBe(0);
  });

  test.each<[string, (lines: string[]) => string[], string]>([
    [
      'a record was changed',
      (lines) => lines.map((line) => line.replace('"action_4"', '"action_x"')),
      'not as it was written',
    ],
    ['a record was removed', (lines) => lines.toSpliced(4, 1), 'missing'],
    [
      'a record was put in',
      (lines) =>
        lines.toSpliced(4, 0, '{"timestamp":"2026-11-26T00:00:00Z","level":"INFO","message":"m","action":"a"}'),
      'no part of the chain',
    ],
    ['two records were swapped', (lines) => lines.toSpliced(4, 2, lines[5] ?? '', lines[4] ?? ''), 'missing'],
  ])('tells that %s, and where', async (_what, change, message) => {
    const trail = await trailOf(10);
    trail.change(change);
    const { intact, problems } = await trail.verify();
    expect(intact).toBe(false);
    expect(problems[0]).toMatchObject({ message: expect.stringContaining(message), cursor: expect.any(String) });
    expect(Math.abs(Number(problems[0]?.sequence) - 5)).toBeLessThanOrEqual(1);
    const { status, output } = verifyFiles(trail.file());
    expect(status).toBe(1);
    expect(output).toMatch(new RegExp(`^.*\\.jsonl:\\d+: record \\d+: .*${message}`));
    expect(output).toContain('NOT INTACT');
  });

  test('tells by a head that was kept that its end was cut off, and that it was written on since', async () => {
    const trail = await trailOf(10);
    const kept = await trail.head();
    trail.change((lines) => lines.slice(0, 6));
    expect((await trail.verify()).intact).toBe(true);
    expect((await trail.verify(kept)).problems).toMatchObject([{ sequence: '7' }]);
    expect(verifyFiles(trail.file(), '--head', trail.asFile(kept)).output).toContain('Records 7 to 10 are missing');
    await trail.server.stop();
  });

  test('goes on with its chain after a restart, and after it was emptied, of which its anchor tells', async () => {
    const trail = await trailOf(5);
    const { config } = trail.server;
    await trail.server.data('mutation ($id: ID!) { clearSource(id: $id) { __typename } }', { id: trail.id });
    await trail.record('after');
    expect((await trail.head()).sequence).toBe('6');
    expect(await trail.verify()).toMatchObject({ intact: true, records: '1' });
    const anchor = join(trail.directory, 'anchor.json');
    expect(verifyFiles(trail.file(), '--anchor', anchor).status).toBe(0);
    expect(verifyFiles(trail.file()).output).toContain('Records 1 to 5 are missing');
    expect(readFileSync(join(config.dataDir, 'audit.key'), 'utf8')).toContain('PRIVATE KEY');
  });

  test('is what others have nothing of: other sources have no head', async () => {
    const server: TestServer = await startTestServer({ files: { 'a.log': 'one\n' } });
    const { source } = await server.data<{ source: object }>(
      `{ source(by: { name: "a.log" }) { ${head} auditVerification { intact } } }`,
    );
    expect(source).toEqual({ auditHead: null, auditVerification: null });
  });
});
