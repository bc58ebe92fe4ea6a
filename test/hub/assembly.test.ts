import { expect, test } from 'vitest';
import type { Position, RawRecord } from '../../src/entry.ts';
import type { FollowSink } from '../../src/file/follow.ts';
import { Assembly } from '../../src/hub/assembly.ts';

const placeIn = (file: number, offset: number, length: number): Position => ({
  segment: { inode: file, bornAt: file, prefixLength: 1, prefixHash: file },
  offset,
  length,
  marker: 0,
});
const lineOf = (file: number, offset: number, raw: string): RawRecord => ({
  position: placeIn(file, offset, raw.length + 1),
  raw,
  truncated: false,
});

test('a log that is rotated twice while a record is held tells of both rotations', () => {
  const told: string[] = [];
  const sink: FollowSink = {
    records: (records) => told.push(...records.map(({ raw }) => raw)),
    late: () => {},
    rotated: ({ to, lostBytes }) => told.push(`to ${to.segment.inode}, ${lostBytes} lost`),
    state: () => {},
  };
  const assembly = new Assembly(sink, () => ({ begins: (line) => line.startsWith('[') }), 1000);
  assembly.records([lineOf(1, 0, '[one')]);
  const rotation = { from: null, possibleLoss: false };
  assembly.rotated({ ...rotation, to: placeIn(2, 0, 0), lostBytes: 5 });
  assembly.rotated({ ...rotation, to: placeIn(3, 0, 0), lostBytes: 0 });
  assembly.records([lineOf(3, 0, '[two'), lineOf(3, 5, '[three')]);
  assembly.close();
  expect(told).toEqual(['[one', 'to 2, 5 lost', 'to 3, 0 lost', '[two']);
});
