import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Needle } from '../../src/filter/condition.ts';
import { NeedleFinder } from '../../src/scan/needle-finder.ts';

const folded = (bytes: Uint8Array) => bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** What `find` promises, in the plainest way. */
function expected(needles: readonly Needle[], text: Buffer, from: number, to: number): number {
  const places = needles.map((needle) => {
    const within = text.subarray(0, to);
    return Buffer.from(needle.folded ? folded(within) : within).indexOf(needle.text, from);
  });
  const found = places.filter((place) => place !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** All places from `from` on, each looked for after the one before. */
function places(find: (from: number, to: number) => number, from: number, to: number): number[] {
  const found = [];
  for (let at = find(from, to); at !== -1; at = find(at + 1, to)) found.push(at);
  return found;
}

const lowerCase = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

// Few characters, so that needles are found and nearly found; [ and { differ by 0x20 and are no letters.
const characters = fc.constantFrom('a', 'b', 'A', 'B', '[', '{', '@', '`', '\n', 'é', 'É', '語', '\u0000');
const needle = fc
  .record({
    text: fc.oneof(
      fc.string({ unit: characters, minLength: 1, maxLength: 4 }),
      fc.string({ unit: characters, minLength: 14, maxLength: 40 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    ),
    folded: fc.boolean(),
  })
  .map(({ text, folded }) => ({ text: folded ? lowerCase(text) : text, folded }));

const swapCase = (text: string) =>
  text.replace(/[a-zA-Z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

/** Bytes with the needles among them, whole, cut short, and in the other case. */
const textWith = (needles: readonly Needle[]) => {
  const part = fc
    .constantFrom('a', ...needles.map(({ text }) => text))
    .chain((text) =>
      fc.constantFrom(
        Buffer.from(text),
        Buffer.from(swapCase(text)),
        Buffer.from(text).subarray(1),
        Buffer.from(text).subarray(0, -1),
      ),
    );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: characters, maxLength: 80 }).map((text) => Buffer.from(text)),
  );
  return fc.array(fc.oneof(part, noise), { maxLength: 30 }).map((parts) => Buffer.concat(parts));
};

const search = fc.array(needle, { maxLength: 8 }).chain((needles) =>
  fc.record({
    needles: fc.constant(needles),
    text: textWith(needles),
    // Before the text; what is behind it is noise that must not be found.
    offset: fc.nat(70),
    behind: textWith(needles),
    cut: fc.record({ front: fc.nat(100), back: fc.nat(100) }),
  }),
);

test('finds what a plain search finds, wherever it is', () => {
  fc.assert(
    fc.property(search, ({ needles, text, offset, behind, cut }) => {
      const all = Buffer.concat([Buffer.alloc(offset, 'a'), text, behind]);
      const finder = new NeedleFinder(needles, all.length);
      all.copy(finder.block);
      const from = Math.min(cut.front, all.length);
      const to = Math.max(from, all.length - cut.back);
      expect(places((at, end) => finder.find(at, end), from, to)).toEqual(
        places((at, end) => expected(needles, all, at, end), from, to),
      );
    }),
    { numRuns: Number(process.env.TAILQL_TEST_RUNS ?? 1000) },
  );
});

test('finds the same in long texts, where it chooses the bytes to look for', () => {
  fc.assert(
    fc.property(
      fc.array(needle, { minLength: 1, maxLength: 3 }).chain((needles) =>
        fc.record({
          needles: fc.constant(needles),
          text: textWith(needles),
          before: fc.array(fc.nat(12_000), { maxLength: 8 }),
          filling: fc.constantFrom('a', 'ab', 'B[', 'é', ' - - "GET / HTTP/1.1" 200\n'),
        }),
      ),
      ({ needles, text, before, filling }) => {
        const all = Buffer.concat([...before.flatMap((length) => [Buffer.alloc(length, filling), text]), text]);
        const finder = new NeedleFinder(needles, all.length);
        all.copy(finder.block);
        let at = 0;
        for (let round = 0; round < 50 && at !== -1; round++) {
          const found = finder.find(at, all.length);
          expect(found).toBe(expected(needles, all, at, all.length));
          at = found === -1 ? -1 : found + 1;
        }
      },
    ),
    { numRuns: Number(process.env.TAILQL_TEST_RUNS ?? 200) },
  );
});

test('finds a needle in the very last bytes of its block, and nothing that goes on behind them', () => {
  const finder = new NeedleFinder([{ text: 'status=503', folded: false }], 65_536);
  finder.block.write('status=503', 65_526);
  expect(finder.find(0, 65_536)).toBe(65_526);
  expect(finder.find(65_526, 65_536)).toBe(65_526);
  expect(finder.find(0, 65_535)).toBe(-1);
  expect(finder.find(65_527, 65_536)).toBe(-1);
});

test('finds nothing where nothing is looked for, and refuses to look for an empty text', () => {
  const finder = new NeedleFinder([], 100);
  expect(finder.find(0, 100)).toBe(-1);
  expect(() => new NeedleFinder([{ text: '', folded: true }], 100)).toThrow(RangeError);
});
