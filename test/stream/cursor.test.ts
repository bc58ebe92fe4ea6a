import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/cursor.ts';
import type { Position } from '../../src/entry.ts';
import { fnv1a } from '../../src/file/hash.ts';
import { administrator } from '../support/engine.ts';
import { setUp } from '../support/one-log.ts';

const uint32 = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
const size = fc.oneof(fc.nat(300), fc.maxSafeNat()).map((one) => Math.floor(one / 2));
const place: fc.Arbitrary<Position> = fc
  .record({
    segment: fc.record({ inode: size, bornAt: size, prefixLength: fc.nat(255), prefixHash: uint32 }),
    end: size,
    length: size,
    marker: uint32,
  })
  .map(({ end, length, ...rest }) => ({ ...rest, offset: end - length, length }));
const position = fc
  .record({ at: place, left: fc.option(place) })
  .map(({ at, left }): Position => (left === null ? at : { ...at, left }));
const positions = fc.uniqueArray(fc.tuple(fc.uuid(), position), {
  minLength: 1,
  maxLength: 5,
  selector: ([id]) => id,
});

test('a cursor says exactly the positions that it was made of', () => {
  fc.assert(
    fc.property(positions, (some) => {
      expect([...decodeCursor(encodeCursor(some), ['after'])]).toEqual(some);
    }),
    { numRuns: 1000 },
  );
});

test('a cursor of which anything was changed or lost is damaged', () => {
  const damaged = expect.objectContaining({ problems: [expect.objectContaining({ code: 'CURSOR_DAMAGED' })] });
  fc.assert(
    fc.property(positions, fc.nat(), fc.integer({ min: 1, max: 255 }), (some, where, change) => {
      const bytes = Buffer.from(encodeCursor(some), 'base64url');
      const at = where % bytes.length;
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ change;
      for (const wrong of [changed, bytes.subarray(0, at)]) {
        expect(() => decodeCursor(wrong.toString('base64url'), ['after'])).toThrow(damaged);
      }
    }),
  );
});

test('a forged cursor, whose checksum fits, is damaged where none of ours can be so', async () => {
  const { engine, id, follow } = await setUp('one\n');
  const source = await engine.sources.find(administrator, { id });
  if (source === null) throw new Error('No source.');
  const cursorWith = (version: number, ...places: number[][]) => {
    const bytes = Buffer.from([version, ...Buffer.from(id.replaceAll('-', ''), 'hex'), ...places.flat()]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(fnv1a(bytes));
    return Buffer.concat([bytes, checksum]).toString('base64url');
  };
  const hash = [0, 0, 0, 0];
  /** Birth and length of the prefix are 0. */
  const bytesOf = (inode: number[], end: number[], length: number[]) => [inode, [0, 0], hash, end, length, hash].flat();
  const good = bytesOf([1], [4], [0]);
  expect(decodeCursor(cursorWith(2, good), []).size).toBe(1);
  expect(decodeCursor(cursorWith(3, good, [1], good), []).size).toBe(1);
  const [much, nothing] = [Array<number>(150).fill(0xff), Array<number>(150).fill(0x80)];
  const wrong = [
    bytesOf(much, [4], [0]),
    bytesOf([1], much, [0]),
    bytesOf([1], nothing, [0]),
    bytesOf([1], [4], much),
    bytesOf([1], [...Array<number>(7).fill(0xff), 0x1f], [0]),
  ];
  const forged = [
    ...wrong.map((place) => cursorWith(2, place)),
    ...wrong.map((place) => cursorWith(3, good, [1], place)),
    cursorWith(1, good),
    cursorWith(3, good),
    cursorWith(3, good, [1]),
    cursorWith(3, good, [2], good),
    cursorWith(2, good, [0]),
  ];
  const damaged = { problems: [{ code: 'CURSOR_DAMAGED' }] };
  for (const after of forged) {
    await expect(follow({ after })).rejects.toMatchObject(damaged);
    await expect(engine.logs.page(administrator, source, { after, take: { first: 1 } })).rejects.toMatchObject(damaged);
  }
});
