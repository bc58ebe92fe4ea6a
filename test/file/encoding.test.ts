import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RawRecord } from '../../src/entry.ts';
import { encodingOf } from '../../src/file/encoding.ts';
import { LineSplitter } from '../../src/file/line.ts';
import { lineStart, linesBack } from '../../src/file/line-start.ts';
import { openLog } from '../../src/file/open.ts';
import { Segment } from '../../src/file/segment.ts';
import { cells, logLines, spellings, written } from '../support/encodings.ts';
import { temporaryDirectory } from '../support/engine.ts';

const identity = { inode: 1, bornAt: 2, prefixLength: 0, prefixHash: 0 };

function split(bytes: Buffer, portion: number, maxBytes = 1000): RawRecord[] {
  const options = { offset: 0, before: Buffer.alloc(0), encoding: null, maxBytes, segment: () => identity };
  const splitter = new LineSplitter(options);
  const records: RawRecord[] = [];
  for (let at = 0; at < bytes.length; at += portion) records.push(...splitter.push(bytes.subarray(at, at + portion)));
  return [...records, ...splitter.flush()];
}

const texts = (records: RawRecord[]) => records.map(({ raw }) => raw);

/** Offsets at which lines begin, found from the end of the file. */
async function beginningsFromEnd(path: string, size: number): Promise<number[]> {
  const segment = Segment.of(path, await openLog(path, () => true));
  try {
    const beginnings: number[] = [];
    for (let at = await lineStart(segment, size); at > 0; ) {
      at = await linesBack(segment, at, { count: 1, floor: 0, budget: Number.POSITIVE_INFINITY });
      beginnings.unshift(at);
    }
    return beginnings;
  } finally {
    await segment.close();
  }
}

describe.each(cells)('$name', ({ spelling, lineEnd }) => {
  test('has the same lines however the bytes are portioned, and they cover all bytes', () => {
    fc.assert(
      fc.property(logLines, fc.integer({ min: 1, max: 7 }), (lines, portion) => {
        const bytes = written(lines, spelling, lineEnd);
        const records = split(bytes, portion);
        expect(records).toEqual(split(bytes, bytes.length));
        expect(texts(records)).toEqual(lines);
        expect(records.reduce((sum, { position }) => sum + position.length, 0)).toBe(bytes.length);
      }),
    );
  });

  test('has the same lines from its end', async () => {
    const path = join(await temporaryDirectory(), 'app.log');
    const begun = spelling.encode('begun').subarray(0, -1);
    const property = fc.asyncProperty(logLines, fc.boolean(), async (lines, unfinished) => {
      const bytes = written(lines, spelling, lineEnd);
      writeFileSync(path, unfinished ? Buffer.concat([bytes, begun]) : bytes);
      const beginnings = split(bytes, bytes.length).map(({ position }) => position.offset);
      expect(await beginningsFromEnd(path, bytes.length + (unfinished ? begun.length : 0))).toEqual(beginnings);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('has the same lines from its end where they are read in blocks', async () => {
    const path = join(await temporaryDirectory(), 'app.log');
    const lines = Array.from({ length: 9000 }, (_, index) => `10:50 \u0a41\u4100 \u4100\u0a41 ${index}`);
    const bytes = written(lines, spelling, lineEnd);
    const begun = spelling.encode('begun').subarray(0, -1);
    writeFileSync(path, Buffer.concat([bytes, begun]));
    const beginnings = split(bytes, bytes.length).map(({ position }) => position.offset);
    const segment = Segment.of(path, await openLog(path, () => true));
    onTestFinished(() => segment.close());
    const end = await lineStart(segment, bytes.length + begun.length);
    expect(end).toBe(bytes.length);
    for (const count of [1, 2, 2000, 4001, 8999]) {
      const start = await linesBack(segment, end, { count, floor: 0, budget: Number.POSITIVE_INFINITY });
      expect(start).toBe(beginnings.at(-count));
    }
  });

  test('has long lines cut before a character, and the next one whole', () => {
    const bytes = written(['10:50 😀ä😀ä😀ä😀ä', 'next'], spelling, lineEnd);
    const whole = '10:50 😀ä😀ä😀ä😀ä';
    for (let maxBytes = 14; maxBytes < 40; maxBytes++) {
      const [long, next] = split(bytes, 5, maxBytes);
      expect(next).toMatchObject({ raw: 'next', truncated: false });
      expect(whole.startsWith(long?.raw ?? '-')).toBe(true);
      const rest = whole.slice(long?.raw.length);
      expect(rest).not.toMatch(/^[\udc00-\udfff]/);
      const kept = spelling.encode(long?.raw ?? '').length;
      expect(kept).toBeLessThanOrEqual(maxBytes);
      expect(kept === spelling.encode(whole).length || kept > maxBytes - 4).toBe(true);
      expect(long?.truncated).toBe(rest !== '');
    }
  });
});

describe('the encoding of a file', () => {
  test.each([
    ['one character', null, [0x61]],
    ['two ASCII characters', 'UTF-8', [0x61, 0x62]],
    ['half a mark of UTF-8', 'UTF-8', [0xef]],
    ['nothing', null, []],
    ['half a mark', null, [0xff]],
    ['a mark', 'UTF-16LE', [0xff, 0xfe]],
    ['the other mark', 'UTF-16BE', [0xfe, 0xff]],
    ['two characters', null, [0x61, 0, 0x62, 0]],
    ['four characters', 'UTF-16LE', [0x61, 0, 0x62, 0, 0x63, 0, 0x64, 0]],
    ['four characters the other way round', 'UTF-16BE', [0, 0x61, 0, 0x62, 0, 0x63, 0, 0x64]],
    ['a short line', 'UTF-16LE', [0x61, 0, 10, 0]],
    ['a short line the other way round', 'UTF-16BE', [0, 0x61, 0, 10]],
    ['an empty line', 'UTF-8', [10]],
    ['a hole', 'UTF-8', [0, 0]],
    ['small numbers', 'UTF-8', [1, 0, 2, 0, 3, 0, 4, 0]],
    ['one NUL', 'UTF-8', [0x61, 0, 0x62, 0x63]],
  ])('that begins with %s is %s', (_name, expected, bytes) => {
    expect(encodingOf(Buffer.from(bytes))?.name ?? null).toBe(expected);
  });

  test('is not told anew by what follows', () => {
    const byte = fc.constantFrom(0, 10, 13, 0x61, 0xff, 0xfe, 0xef);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (all) => {
        const told = all.map((_, index) => encodingOf(Buffer.from(all.slice(0, index + 1)))?.name);
        expect(new Set(told.filter((name) => name !== undefined)).size).toBeLessThanOrEqual(1);
        expect(all.length < 8 || told.at(-1) !== undefined).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('replaces what is invalid by U+FFFD', () => {
    const [utf8, , , utf16le, , utf16be] = spellings;
    const invalid = (spelling: (typeof spellings)[number] | undefined, ...bytes: number[]) =>
      spelling && texts(split(Buffer.concat([spelling.mark, Buffer.from(bytes)]), 1));
    expect(invalid(utf8, 0x61, 0xff, 0x62, 10)).toEqual(['a\ufffdb']);
    expect(invalid(utf16le, 0x3d, 0xd8, 0x61, 0, 10, 0, 0x62, 0)).toEqual(['\ufffda', 'b']);
    expect(invalid(utf16be, 0xdc, 0, 0, 0x61, 0, 10, 0, 0x62, 0)).toEqual(['\ufffda', 'b\ufffd']);
  });
});
