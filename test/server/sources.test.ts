import { beforeAll, describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Page {
  sources: {
    nodes: { id: string; name: string }[];
    edges: { cursor: string; node: { name: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
    totalCount: number;
  };
}

const page = `
  query ($first: Int, $after: String, $last: Int, $before: String, $nameContains: String, $kind: SourceKind) {
    sources(first: $first, after: $after, last: $last, before: $before, nameContains: $nameContains, kind: $kind) {
      nodes { id name }
      edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }`;

const many = Array.from({ length: 117 }, (_, index) => `many/${String(index).padStart(3, '0')}`);
const odd = [
  'Größe.log',
  'GRÖSSE',
  'ÉTÉ.log',
  'журнал.log',
  'half 50%',
  'half 500',
  'a_b',
  'axb',
  'back\\slash',
  "it's",
  'CaseD',
];

describe.each(databaseUrls())('on %s', (_kind, freshUrl) => {
  let server: TestServer;
  const list = async (variables: object = {}) => (await server.data<Page>(page, variables)).sources;
  const names = async (variables: object = {}) => (await list(variables)).nodes.map(({ name }) => name);

  beforeAll(async () => {
    // Files that are not there (yet) are sources, too.
    const sources = [...many, ...odd].map((name) => ({ name, path: `/nonexistent/${name}` }));
    server = await startTestServer({ databaseUrl: await freshUrl(), sources });
  });

  test('there are those of the configuration and the two of the server itself', async () => {
    const all = await list({ first: 1000 });
    expect(all.nodes.map(({ name }) => name).sort()).toEqual([...many, ...odd, 'tailql/audit', 'tailql/system'].sort());
    expect(all.totalCount).toBe(130);
    expect(all.edges.map(({ node }) => node.name)).toEqual(all.nodes.map(({ name }) => name));
    expect(new Set(all.nodes.map(({ id }) => id)).size).toBe(130);
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  test('a page of no size has the newest 50', async () => {
    const all = await names({ first: 1000 });
    const newest = await list();
    expect(newest.nodes.map(({ name }) => name)).toEqual(all.slice(-50));
    expect(newest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(newest.totalCount).toBe(130);
  });

  test.each([1, 7, 50, 64, 65, 130, 131])('pages of %i reach every source once, in both directions', async (size) => {
    const all = await names({ first: 1000 });
    const forwards: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo }: Page['sources'] = await list({ first: size, after });
      forwards.push(...nodes.map(({ name }) => name));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(forwards).toEqual(all);
    const backwards: string[] = [];
    for (let before: string | null = null, more = true; more; ) {
      const { nodes, pageInfo }: Page['sources'] = await list({ last: size, before });
      backwards.unshift(...nodes.map(({ name }) => name));
      [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
    }
    expect(backwards).toEqual(all);
  });

  test.each([
    ['both sizes', { first: 1, last: 1 }, 'EXCLUSIVE', 'last'],
    ['a negative size', { first: -1 }, 'NEGATIVE', 'first'],
    ['a size that is too large', { last: 1001 }, 'TOO_LARGE', 'last'],
  ])('%s: INVALID_INPUT', async (_name, variables, code, argument) => {
    const { errors } = await server.query(page, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', problems: [{ code, path: [argument] }] } }]);
  });

  test.each(['', 'nonsense', 'GPC:N:1', 'GPC:J:[1]', 'GPC:S:a\0b'])(
    'a damaged cursor (%j): INVALID_INPUT',
    async (text) => {
      const after = text.startsWith('GPC') ? Buffer.from(text).toString('base64') : text;
      const { errors } = await server.query(page, { first: 10, after });
      const problems = [{ code: 'CURSOR_DAMAGED', path: ['after'] }];
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', problems } }]);
    },
  );

  test.each([
    ['many/00', many.slice(0, 10)],
    ['MANY/00', many.slice(0, 10)],
    ['cased', ['CaseD']],
    ['größe', ['Größe.log']],
    ['GRÖ', ['GRÖSSE', 'Größe.log']],
    ['été', ['ÉTÉ.log']],
    ['ЖУРНАЛ', ['журнал.log']],
    ['50%', ['half 50%']],
    ['%', ['half 50%']],
    ['a_b', ['a_b']],
    ['_', ['a_b']],
    ['\\', ['back\\slash']],
    ["'", ["it's"]],
    ['nothing like it', []],
  ])('nameContains "%s" finds names in any case, and knows no wildcards', async (nameContains, expected) => {
    const found = await list({ nameContains, first: 1000 });
    expect(found.nodes.map(({ name }) => name).sort()).toEqual([...expected].sort());
    expect(found.totalCount).toBe(expected.length);
  });

  test('an empty nameContains is no condition', async () => {
    expect((await list({ nameContains: '' })).totalCount).toBe(130);
  });

  test('nameContains with NUL finds nothing', async () => {
    expect((await list({ nameContains: 'a\0b' })).nodes).toEqual([]);
  });

  test('kind picks', async () => {
    expect((await list({ kind: 'FILE' })).totalCount).toBe(130);
    expect(await list({ kind: 'STREAM' })).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test('pages of a selection go on within it', async () => {
    const first = await list({ nameContains: 'many', first: 60 });
    const second = await list({ nameContains: 'many', first: 60, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes].map(({ name }) => name).sort()).toEqual(many);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  describe('one source', () => {
    const by = 'query ($by: SourceBy!) { source(by: $by) { id name kind owner { id } } }';

    test('is found by id and by name', async () => {
      const id = await server.sourceId('Größe.log');
      const source = { id, name: 'Größe.log', kind: 'FILE', owner: null };
      expect(await server.data(by, { by: { id } })).toEqual({ source });
      expect(await server.data(by, { by: { name: 'Größe.log' } })).toEqual({ source });
      expect(await server.data('query ($id: ID!) { node(id: $id) { __typename id } }', { id })).toEqual({
        node: { __typename: 'Source', id },
      });
    });

    test.each(['größe.log', 'Größe', '', '%', '../../etc/passwd', '/nonexistent/a_b', 'a_b\0', '%2e%2e%2fa_b'])(
      'is not found by the name "%s"',
      async (name) => {
        expect(await server.data(by, { by: { name } })).toEqual({ source: null });
      },
    );

    test.each([{}, { id: 'x', name: 'y' }, { id: null }, { name: null }])(
      'is found by exactly one of them, not %j',
      async (key) => {
        const { errors } = await server.query(by, { by: key });
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      },
    );
  });

  describe('what is no id of a thing one may see is null:', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    test.each([
      ['malformed', 'nonsense'],
      ['empty', ''],
      ['base64 of nothing', base64('')],
      ['without a type', base64(':1')],
      ['of a type that is none', base64('Nothing:1')],
      ['of a type without ids', base64('TextLogEntry:1')],
      ['of a source that is not there', base64('Source:0192a3b4-0000-7000-8000-000000000000')],
      ['of a source, and no UUID', base64('Source:1')],
      ['of a path', base64('Source:../../etc/passwd')],
      ['of an absolute path', base64('Source:/etc/passwd')],
      ['with NUL', base64('Source:a\0b')],
      ['with a quote', base64(`Source:' OR '1'='1`)],
      ['with percent signs', base64('Source:%2e%2e%2fetc%2fpasswd')],
      ['a number', '1'],
      ['very long', base64(`Source:${'x'.repeat(10_000)}`)],
      ['of a user that is not there', base64('User:0192a3b4-0000-7000-8000-000000000000')],
      ['of a user, and no UUID', base64('User:admin\0')],
    ])('%s', async (_name, id) => {
      const document =
        'query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } source(by: { id: $id }) { id } }';
      expect(await server.data(document, { id })).toEqual({ node: null, nodes: [null, null], source: null });
    });

    test('the id of another type', async () => {
      const { me } = await server.data<{ me: { id: string } }>('{ me { id } }');
      const document = 'query ($id: ID!) { source(by: { id: $id }) { id } node(id: $id) { __typename } }';
      expect(await server.data(document, { id: me.id })).toEqual({ source: null, node: { __typename: 'User' } });
    });
  });

  test('nodes come in the order of their ids, with null for what is not there', async () => {
    const ids = [await server.sourceId('axb'), 'nonsense', await server.sourceId('a_b')];
    const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Source { name } } }';
    expect(await server.data(document, { ids })).toEqual({
      nodes: [{ id: ids[0], name: 'axb' }, null, { id: ids[2], name: 'a_b' }],
    });
    const { errors } = await server.query(document, { ids: Array(101).fill(ids[0]) });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_REACHED', limit: '100' } }]);
  });

  test('me is the administrator for whom the token acts', async () => {
    const { me } = await server.data('{ me { username role email disabled createdAt } }');
    expect(me).toEqual({
      username: 'admin',
      role: 'ADMIN',
      email: null,
      disabled: false,
      createdAt: expect.any(String),
    });
  });

  test('the limits are those in force', async () => {
    const { limits } = await server.data('{ limits { maxPageSize maxMessageBytes maxRecordBytes uploadExtensions } }');
    const extensions = server.config.limits.uploadExtensions;
    expect(limits).toEqual({
      maxPageSize: 1000,
      maxMessageBytes: '65536',
      maxRecordBytes: '1048576',
      uploadExtensions: extensions,
    });
  });
});
