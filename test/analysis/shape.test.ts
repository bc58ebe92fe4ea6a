import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/analysis/shape.ts';

describe('A shape', () => {
  it.each([
    ['Order 1042 shipped', 'Order <*> shipped'],
    ['took 12.5ms, -3 left', 'took <*>, <*> left'],
    ['job blk_-160899 done', 'job blk_<*> done'],
    ['from 10.0.0.1:443 to 10.0.0.2', 'from <*> to <*>'],
    ['peer fe80::1ff:fe23:4567:890a is up', 'peer <*> is up'],
    ['station fa:a1:0c:00:11:ee joined', 'station <*> joined'],
    ['id 54fadb41-2c4e-40cd-baed-9335e4c35a9e', 'id <*>'],
    ['id abcdefab-cafe-4bcd-baed-9335e4c35a9e', 'id <*>'],
    ['at 12:30:45,123 and 2026-01-02T03:04:05.678Z', 'at <*> and <*>'],
    ['rack D123 of node-D7', 'rack D<*> of node-D7'],
    ['pointer 0x7ffe12 of a1b2c3d4', 'pointer <*> of <*>'],
    ['cannot open /var/lib/app/data.db: busy', 'cannot open <*>: busy'],
    ['open C:\\Windows\\Temp\\a.log failed', 'open <*> failed'],
    ['GET https://example.com/a?b=c done', 'GET <*> done'],
    ['mail of ann@example.com refused', 'mail of <*> refused'],
    ['connect db.example.com:5432 failed', 'connect <*> failed'],
    ['web-17.example.com is down', 'web-<*> is down'],
    ['session of ssh2 in worker2_init()', 'session of ssh2 in worker2_init()'],
    ['net.Reader::open read/write', 'net.Reader::open read/write'],
    ['no values at all', 'no values at all'],
    ['first 1\nsecond 2', 'first <*>'],
    ['', ''],
  ])('of %j is %j', (message, shape) => {
    expect(shapeOf(message)).toBe(shape);
  });

  it('is of the first thousand characters only, however long the message is', () => {
    for (const part of ['a', '1', 'a1.', '/', '@', ':', 'aa-', '<*>', '\\', 'a:', '0x']) {
      const message = part.repeat(1_000_000);
      expect(shapeOf(message)).toBe(`${shapeOf(message.slice(0, 1000))}<*>`);
      expect(shapeOf(message).length).toBeLessThan(4000);
    }
  });

  it('is the same for the same message with other numbers', () => {
    const number = fc.integer({ min: 10, max: 1_000_000 });
    const message = (n: number) => `job ${n} of host-${n} took ${n} ms (${n}), id=${n}`;
    fc.assert(fc.property(number, number, (a, b) => shapeOf(message(a)) === shapeOf(message(b))));
  });

  it('can be had of any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof shapeOf(text) === 'string'));
  });
});
