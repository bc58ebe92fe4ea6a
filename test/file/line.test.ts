import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RawRecord } from '../../src/entry.ts';
import { utf8 } from '../../src/file/encoding.ts';
import { fnv1a } from '../../src/file/hash.ts';
import { LineSplitter, markerBytes } from '../../src/file/line.ts';
import { lineStart, linesBack } from '../../src/file/line-start.ts';
import { openLog } from '../../src/file/open.ts';
import { Segment } from '../../src/file/segment.ts';
import { stretchBytes } from '../../src/file/stretch.ts';
import { temporaryDirectory } from '../support/engine.ts';

const none = Buffer.alloc(0);
const segment = { inode: 1, bornAt: 2, prefixLength: 0, prefixHash: 0 };

function split(bytes: Buffer, sizes: number[], maxBytes = 1000): { records: RawRecord[]; splitter: LineSplitter } {
  const splitter = new LineSplitter({
    offset: 0,
    before: Buffer.alloc(0),
    encoding: null,
    maxBytes,
    segment: () => segment,
  });
  const records: RawRecord[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(sizes[turn % sizes.length] ?? bytes.length, 1);
    // A copy that is overwritten afterwards, as the follower's buffer is.
    const portion = Buffer.from(bytes.subarray(at, at + size));
    records.push(...splitter.push(portion));
    portion.fill(0);
    at += size;
  }
  return { records, splitter };
}

const textOf = (bytes: Buffer, sizes: number[], maxBytes?: number) =>
  split(bytes, sizes, maxBytes).records.map(({ raw }) => raw);

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', 'ä', '€uro', '😀'.repeat(10), 'x'.repeat(200), 'progress\rdone'),
);

describe('lines', () => {
  test('are the same however the bytes are portioned', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), sizes, (lines, portions) => {
        const texts = lines.map((text) => text.replaceAll('\n', ' '));
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const { records } = split(bytes, portions);
        expect(records).toEqual(split(bytes, [bytes.length || 1]).records);
        expect(records.map(({ raw }) => raw)).toEqual(texts.map((text) => text.replace(/\r$/, '')));
      }),
    );
  });

  test('cover every byte once, in order, and carry a marker of the bytes before their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (array, size) => {
        const bytes = Buffer.from(array);
        const { records, splitter } = split(bytes, [size]);
        const all = [...records, ...splitter.flush()];
        let end = 0;
        for (const { position } of all) {
          expect(position.offset).toBe(end);
          end += position.length;
          expect(position.marker).toBe(fnv1a(bytes, Math.max(end - markerBytes, 0), end));
        }
        expect(end).toBe(bytes.length);
      }),
    );
  });

  test('are held until their newline comes', () => {
    const { records, splitter } = split(Buffer.from('whole\npart'), [3]);
    expect(records.map(({ raw }) => raw)).toEqual(['whole']);
    expect(splitter.offset).toBe(6);
    expect(splitter.readOffset).toBe(10);
    expect(splitter.push(Buffer.from('ial\n')).map(({ raw }) => raw)).toEqual(['partial']);
  });

  test.each([
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['mixed', 'a\r\nb\nc\r\n', ['a', 'b', 'c']],
    ['a lone CR, which ends no line', 'one\rtwo\n', ['one\rtwo']],
    ['empty lines', '\n\r\n\n', ['', '', '']],
    ['invalid UTF-8', Buffer.from([0x61, 0xff, 0x62, 10]), ['a\ufffdb']],
  ])('take %s as what it is', (_name, bytes, expected) => {
    for (const size of [1, 2, 100]) expect(textOf(Buffer.from(bytes), [size])).toEqual(expected);
  });

  test('longer than the limit are cut before a character and marked, and the next one is whole', () => {
    const bytes = Buffer.from(`${'ä'.repeat(50)}\nnext\n`);
    for (const size of [1, 3, 1000]) {
      const { records } = split(bytes, [size], 33);
      expect(records.map(({ raw, truncated }) => ({ raw, truncated }))).toEqual([
        { raw: 'ä'.repeat(16), truncated: true },
        { raw: 'next', truncated: false },
      ]);
      expect(records[0]?.position.length).toBe(101);
    }
  });

  test('as long as the limit are whole, with either line end', () => {
    for (const end of ['\n', '\r\n']) {
      const { records } = split(Buffer.from(`${'x'.repeat(10)}${end}`), [4], 10);
      expect(records).toMatchObject([{ raw: 'x'.repeat(10), truncated: false }]);
    }
  });

  test('that arrive byte by byte take little more memory than their bytes', () => {
    const byte = Buffer.from('x');
    const before = process.memoryUsage();
    const held = new LineSplitter({
      offset: 0,
      before: none,
      encoding: utf8,
      maxBytes: 1 << 20,
      segment: () => segment,
    });
    for (let i = 0; i < 1 << 20; i++) held.push(byte);
    const after = process.memoryUsage();
    const growth = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(growth).toBeLessThan(64 << 20);
    expect(held.push(Buffer.from('\n'))).toMatchObject([{ raw: 'x'.repeat(1 << 20), truncated: false }]);
  });

  test('leave out the NULs that they begin with, which do not count against the limit, but no others', () => {
    const bytes = Buffer.from(`${'\0'.repeat(50)}after a hole\n\0\0\nwith \0 inside\0\n\0\r\n`);
    for (const size of [1, 3, 7, 1000]) {
      const { records } = split(bytes, [size], 14);
      expect(records.map(({ raw, truncated }) => ({ raw, truncated }))).toEqual(
        ['after a hole', '', 'with \0 inside\0', ''].map((raw) => ({ raw, truncated: false })),
      );
      expect(records.map(({ position }) => [position.offset, position.length])).toEqual([
        [0, 63],
        [63, 3],
        [66, 15],
        [81, 3],
      ]);
    }
  });
});

describe('a line longer than a stretch', () => {
  const portionBytes = 1 << 20;

  /** Records with their offsets and lengths in MiB, of which the text is short. */
  function pushed(...parts: [fill: string, mebibytes: number][]) {
    const splitter = new LineSplitter({ offset: 0, before: none, encoding: null, maxBytes: 5, segment: () => segment });
    const before = process.memoryUsage().arrayBuffers;
    const records: RawRecord[] = [];
    for (const [fill, mebibytes] of parts) {
      const portion = Buffer.alloc(portionBytes, fill);
      for (let i = 0; i < mebibytes; i++) records.push(...splitter.push(portion));
      if (mebibytes === 0) records.push(...splitter.push(Buffer.from(fill)));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    const found = records.map(({ raw, truncated, position: { offset, length } }) => ({
      raw,
      truncated,
      from: offset / portionBytes,
      to: (offset + length) / portionBytes,
    }));
    return { found, splitter, records };
  }

  test('is one record, cut where a stretch without newline ends, and the next line is whole', () => {
    const { found, records } = pushed(['a', 1], ['\n', 0], ['x', 200], ['yyyyyy\nnext\n', 0]);
    expect(found.slice(0, 2)).toEqual([
      { raw: 'aaaaa', truncated: true, from: 0, to: 1 + 1 / portionBytes },
      { raw: 'xxxxx', truncated: true, from: 1 + 1 / portionBytes, to: 32 },
    ]);
    expect(records.slice(2)).toMatchObject([{ raw: 'next', truncated: false, position: { length: 5 } }]);
  });

  test('is not cut while each stretch has a newline, nor where one ends', () => {
    const all = stretchBytes / portionBytes;
    const { found, records } = pushed(
      ['x', all - 1],
      ['x'.repeat(portionBytes - 1), 0],
      ['\n', 0],
      ['y', all],
      ['\n', 0],
    );
    expect(found).toMatchObject([
      { raw: 'xxxxx', to: all },
      { raw: 'yyyyy', from: all, to: 2 * all },
    ]);
    expect(records).toHaveLength(2);
  });

  test('of nothing but NULs is no record, and the line behind it is whole', () => {
    const { found } = pushed(['\0', 200], ['abc\n', 0]);
    expect(found).toMatchObject([{ raw: 'abc', truncated: false, from: 192 }]);
  });

  test('ends where a hole begins that is as long', () => {
    const { found } = pushed(['abc', 0], ['\0', 40], ['def\nghi\n', 0]);
    expect(found).toMatchObject([
      { raw: 'abc\0\0', truncated: true, from: 0, to: 16 },
      { raw: 'def', truncated: false },
      { raw: 'ghi', truncated: false },
    ]);
  });

  test('is gone on with after a cut as if it had been read from its beginning', () => {
    const { splitter } = pushed(['x', 50]);
    const options = { encoding: utf8, maxBytes: 5, segment: () => segment };
    const later = new LineSplitter({ ...options, offset: splitter.offset, before: splitter.before });
    expect(splitter.offset % stretchBytes).toBe(0);
    expect(later.push(Buffer.from('x\nnext\n')).map(({ raw }) => raw)).toEqual(['next']);
    const afterHole = new LineSplitter({ ...options, offset: splitter.offset, before: Buffer.alloc(markerBytes) });
    expect(afterHole.push(Buffer.from('x\nnext\n')).map(({ raw }) => raw)).toEqual(['x', 'next']);
  });

  test.each([
    ['inside a stretch', 11, [11, 2, 3, 4]],
    ['at the end of one', stretchBytes, [stretchBytes, 2, 3, 4]],
    ['just before that', stretchBytes - 1, [stretchBytes - 1, 2, 3, 4]],
    ['just after that', stretchBytes + 1, [stretchBytes + 1, 3, 4]],
  ])('is cut at the same places when it is gone back over, where it begins %s', async (_name, begin, places) => {
    const path = join(await temporaryDirectory(), 'app.log');
    writeFileSync(path, '');
    truncateSync(path, begin - 1);
    appendFileSync(path, '\n');
    const size = 4 * stretchBytes + 100;
    truncateSync(path, size);
    const expected = places.map((place, index) => (index === 0 ? place : place * stretchBytes));
    const segment = Segment.of(path, await openLog(path, () => true));
    onTestFinished(() => segment.close());
    for (const [index, place] of expected.entries()) {
      const count = expected.length - index;
      expect(await linesBack(segment, size, { count, floor: 0, budget: Number.POSITIVE_INFINITY })).toBe(place);
      const next = expected[index + 1] ?? size;
      expect(await lineStart(segment, place)).toBe(place);
      expect(await lineStart(segment, next - 1)).toBe(place);
    }
    const budget = stretchBytes + 101;
    expect(await linesBack(segment, size, { count: 9, floor: 0, budget })).toBe(
      Math.max(...expected.filter((place) => place <= size - budget)),
    );
  });
});
