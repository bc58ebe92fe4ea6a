import fc from 'fast-check';
import { execute, type GraphQLObjectType, isLeafType, isNonNullType, isObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';
import { compilePicker } from '../../server/picker.ts';
import { anonymous } from '../../src/access/principal.ts';
import type { Source } from '../../src/db/sqlite/client.ts';
import { Entry } from '../../src/format/entry.ts';
import { type FormatName, formatOf } from '../../src/format/registry.ts';
import type { TailEvent } from '../../src/tail-event.ts';

const source: Source = {
  id: '01a1fdee-9c82-7699-bd00-0b620bcd4ac6',
  name: 'app',
  foldedName: 'app',
  kind: 'FILE',
  format: null,
  timezone: null,
  ownerId: null,
  createdAt: new Date(0),
  retiredAt: null,
};

const position = {
  segment: { inode: 5, bornAt: 6, prefixLength: 0, prefixHash: 7 },
  offset: 10,
  length: 20,
  marker: 3,
};
const positions = new Map([[source.id, position]]);

const entry = (format: FormatName, raw: string) =>
  new Entry(
    { source, format: formatOf(format), parse: { timezone: 'UTC', writtenBefore: 1_795_000_000_000 } },
    { position, raw, truncated: false },
  );

const entries = [
  entry('NGINX_ACCESS', '1.2.3.4 - - [21/Nov/2026:10:50:54 +0000] "GET /a?b=c HTTP/1.1" 503 12 "-" "curl/8"'),
  entry('NGINX_ACCESS', 'not of this format'),
  entry('NGINX_ERROR', '2026/11/21 10:50:54 [error] 7#7: *1 x, client: ::1, server: a, request: "GET / HTTP/1.1"'),
  entry('MYSQL_SLOW', '# Time: 261121 10:50:54\n# User@Host: a[a] @ b []\n# Query_time: 1.5  Rows_sent: 2\nselect 1;'),
  entry('SYSLOG', 'Nov 21 10:50:54 host cron[77]: (root) CMD (true)'),
  entry('JSON_LINES', '{"level":30,"time":1795000000000,"msg":"hello","a":{"b":[1,null]}}'),
  entry(
    'AUDIT_LOG',
    '{"timestamp":"2026-11-21T10:50:54Z","level":"INFO","message":"m","action":"sign_in","metadata":{}}',
  ),
  entry('UNKNOWN', 'ä text with "quotes" and \u2028'),
];

const events: TailEvent[] = [
  { kind: 'batch', entries, positions },
  { kind: 'caught-up', positions },
  { kind: 'progress', positions, scannedBytes: 2 ** 40 },
  { kind: 'gap', source, from: positions, to: positions, skippedBytes: 5, reason: 'SLOW_CONSUMER' },
  { kind: 'rotated', source, positions, possibleLoss: true },
  { kind: 'ended', reason: 'lagged' },
];

/** Selections of the leaves of a type, with aliases, conditions and fragments. */
function selectionOf(name: string): fc.Arbitrary<string> {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`No type ${name}.`);
  const field = fc
    .constantFrom('__typename', ...leavesOf(type))
    .chain((leaf) =>
      fc.constantFrom(leaf, `other_${leaf}: ${leaf}`, `${leaf} @skip(if: $yes)`, `${leaf} @include(if: $yes)`),
    );
  return fc.array(field, { minLength: 1, maxLength: 6 }).map((fields) => ` ... on ${name} { ${fields.join(' ')} } `);
}

const leavesOf = (type: GraphQLObjectType): string[] =>
  Object.values(type.getFields())
    .filter((field) => field.args.length === 0)
    .filter(({ type: output }) => isLeafType(isNonNullType(output) ? output.ofType : output))
    .map(({ name }) => name);

const entryTypes = [
  ...['TextLogEntry', 'AccessLogEntry', 'ErrorLogEntry', 'SlowQueryLogEntry'],
  ...['SyslogLogEntry', 'SystemLogEntry', 'AuditLogEntry'],
];
const eventTypes = ['LogCaughtUp', 'LogProgress', 'LogGap', 'LogRotated'];

const document = fc
  .tuple(
    fc.tuple(...entryTypes.map(selectionOf)),
    fc.tuple(...eventTypes.map(selectionOf)),
    fc.constantFrom('', 'tail: '),
  )
  .map(
    ([ofEntries, ofEvents, alias]) => `
      subscription ($yes: Boolean!) {
        ${alias}logTail(sources: ["x"]) {
          __typename
          ...Batch
          ${ofEvents.join('')}
          ... on Error { message }
        }
      }
      fragment Batch on LogBatch {
        cursor
        entries { ...Basic ${ofEntries.join('')} level path: field(path: "a.b") }
      }
      fragment Basic on LogEntry { cursor timestamp raw fields }`,
  );

const contextValue = { engine: {}, principal: anonymous };

function both(text: string, event: TailEvent, yes?: boolean) {
  const variableValues = yes === undefined ? {} : { yes };
  const args = { schema, document: parse(text), variableValues, contextValue };
  const pick = compilePicker(args);
  return { picked: pick?.(event) ?? null, pick, executed: execute({ ...args, rootValue: event }) };
}

describe('a picker', () => {
  test('answers as the executor does, to the order of the fields', async () => {
    await fc.assert(
      fc.asyncProperty(document, fc.constantFrom(...events), fc.boolean(), async (text, event, yes) => {
        const { picked, pick, executed } = both(text, event, yes);
        expect(pick).not.toBeNull();
        if (picked === null) expect(event.kind).toBe('ended');
        else expect(picked).toBe(JSON.stringify(await executed));
      }),
      { numRuns: 300 },
    );
  });

  test.each([undefined, true, false])('takes the defaults of variables: given %s', async (yes) => {
    const text = `subscription ($yes: Boolean! = true, $path: String! = "a.b") {
      logTail(sources: ["x"]) { ... on LogBatch { entries { level @include(if: $yes) field(path: $path) } } } }`;
    const [batch] = events;
    if (batch === undefined) throw new Error('No events.');
    const { picked, executed } = both(text, batch, yes);
    expect(picked).toBe(JSON.stringify(await executed));
    expect(picked?.includes('level')).toBe(yes !== false);
    expect(picked).toContain('"field":[1,null]');
  });

  test('writes any text as JSON.stringify does', () => {
    const raw = 'subscription { logTail(sources: ["x"]) { ... on LogBatch { entries { raw } } } }';
    // UTF-16 code units: halves of characters among them.
    const text = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    const one = fc.oneof(text, fc.string({ unit: 'grapheme' }), fc.constantFrom('\u007f', '\u2028', '"', '\\', '\0'));
    fc.assert(
      fc.property(one, (line) => {
        const { picked } = both(raw, { kind: 'batch', entries: [entry('UNKNOWN', line)], positions });
        expect(picked).toBe(JSON.stringify({ data: { logTail: { entries: [{ raw: line }] } } }));
      }),
    );
  });

  test('leaves to the executor what is loaded from the database, and takes the other events', () => {
    const text =
      'subscription { logTail(sources: ["x"]) { ... on LogBatch { entries { raw source { name } } } ... on LogProgress { cursor } } }';
    const [batch, , progress] = events;
    if (batch === undefined || progress === undefined) throw new Error('No events.');
    expect(both(text, batch).picked).toBeNull();
    expect(both(text, progress).picked).not.toBeNull();
  });

  test('leaves errors to the executor, which says where they are', async () => {
    const broken = entry('UNKNOWN', 'x');
    Object.defineProperty(broken, 'parsed', {
      get() {
        throw new Error('broken');
      },
    });
    const event: TailEvent = { kind: 'batch', entries: [broken], positions };
    const { picked, executed } = both(
      'subscription { logTail(sources: ["x"]) { ... on LogBatch { entries { level } } } }',
      event,
    );
    expect(picked).toBeNull();
    expect(await executed).toMatchObject({ errors: [{ path: ['logTail', 'entries', 0, 'level'] }] });
  });
});
