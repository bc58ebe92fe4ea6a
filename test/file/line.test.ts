import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RawRecord } from '../../src/entry.ts';
import { fnv1a } from '../../src/file/hash.ts';
import { LineSplitter, markerBytes } from '../../src/file/line.ts';

const segment = { inode: 1, prefixLength: 0, prefixHash: 0 };

function split(bytes: Buffer, sizes: number[], maxBytes = 1000): { records: RawRecord[]; splitter: LineSplitter } {
  const splitter = new LineSplitter({ offset: 0, before: Buffer.alloc(0), maxBytes, segment: () => segment });
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

  test('that never end take no more memory than the limit', () => {
    const splitter = new LineSplitter({ offset: 0, before: Buffer.alloc(0), maxBytes: 1000, segment: () => segment });
    const portion = Buffer.alloc(1 << 20, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) splitter.push(portion);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    const [record] = splitter.push(Buffer.from('\n'));
    expect(record).toMatchObject({ truncated: true, position: { length: 200 * (1 << 20) + 1 } });
  });
});
