import { expect, test } from 'vitest';
import { LOGFMT } from '../../src/format/logfmt.ts';

const context = { timezone: 'UTC', writtenBefore: 0 };
const parse = (raw: string) => LOGFMT.parse(raw, context);
const timestamp = Date.parse('2026-11-21T10:50:54.123Z');

test.each([
  [
    'logrus',
    'time="2026-11-21T10:50:54.123Z" level=warning msg="cache \\"a\\" miss" size=10 hit=false',
    { timestamp, level: 'WARN', message: 'cache "a" miss', fields: { size: 10, hit: false } },
  ],
  [
    'go-kit',
    'ts=2026-11-21T10:50:54.123Z caller=tsdb/head.go:604 level=info component=tsdb msg="replay done" took=1.5ms',
    {
      timestamp,
      level: 'INFO',
      message: 'replay done',
      fields: { caller: 'tsdb/head.go:604', component: 'tsdb', took: '1.5ms', module: 'tsdb/head.go', line: 604 },
    },
  ],
  [
    'slog',
    'time=2026-11-21T10:50:54.123+00:00 level=ERROR msg=failed logger=shop.cart function=add line=12 err="a=b c"',
    {
      timestamp,
      level: 'ERROR',
      message: 'failed',
      fields: { logger: 'shop.cart', function: 'add', line: 12, err: 'a=b c' },
    },
  ],
  [
    'seconds since 1970, and text that only looks like numbers',
    't=1795258254.123 lvl=eror msg=x id=007 size=1e400 ratio=0.50',
    { timestamp, level: 'ERROR', message: 'x', fields: { id: '007', size: '1e400', ratio: '0.50' } },
  ],
  [
    'no message',
    'method=GET path="/a b" status=200 cached',
    {
      timestamp: null,
      level: 'UNKNOWN',
      message: 'method=GET path="/a b" status=200 cached',
      fields: { method: 'GET', path: '/a b', status: 200, cached: true },
    },
  ],
  [
    'an empty value and line ends',
    'level=info msg="a\\nb\\tc\\\\" user= ',
    { timestamp: null, level: 'INFO', message: 'a\nb\tc\\', fields: { user: '' } },
  ],
])('reads %s', (_, raw, expected) => {
  expect(parse(raw)).toEqual(expected);
});

test.each([
  '',
  'level=info',
  'hello world',
  'hello level=info msg=x',
  'level=info msg="x',
  'level=info msg="x"y',
  'level=info =x',
  'level=info msg=x and then a text',
  '1=2 3=4',
  '{"a":1}',
  '2026-11-21 10:50:54 a=1 b=2',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});

test('a key of a thousand pairs is data, and __proto__ changes nothing', () => {
  const pairs = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=1`).join(' ');
  expect(parse(pairs(1000))).not.toBeNull();
  expect(parse(pairs(1001))).toBeNull();
  expect(parse('__proto__=1 a=2 b=3')?.fields).toEqual({ a: 2, b: 3 });
});
