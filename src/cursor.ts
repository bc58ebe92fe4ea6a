import type { Position, SegmentIdentity } from './entry.ts';
import { InvalidInputError } from './errors.ts';
import { fnv1a } from './file/hash.ts';

const version = 2;

/** Of a cursor that also says, of each source, whether and up to where the file before was read. */
const leavingVersion = 3;
const idBytes = 16;

/**
 * Positions in one or several logs as opaque, URL-safe text. A cursor carries all there is to know of a position, so
 * no reader state is kept anywhere; its checksum tells a damaged cursor from one whose place is gone.
 *
 * Layout: version (1 byte), then for each source its id (16), inode and birth (varints), prefix length (1) and hash (4), end
 * and length (varints) and marker (4), then FNV-1a of all that (4); base64url. Offsets are exact to 2^53.
 * It is the end that is written, for an entry may begin in the file before, at a negative offset.
 *
 * A place to which a reader came while writers may still have been going on in the file before (`Position.left`) makes it
 * version 3: there 1 byte follows on each position, 0, or 1 and the same of the place in that file, without its source.
 */
export function encodeCursor(positions: Iterable<[sourceId: string, Position]>): string {
  const all = [...positions];
  const saysLeft = all.some(([, { left }]) => left !== undefined);
  const bytes = Buffer.allocUnsafe(1 + all.length * (2 * maxPositionBytes + 1) + 4);
  bytes[0] = saysLeft ? leavingVersion : version;
  let at = 1;
  for (const [sourceId, position] of all) {
    at = writePlace(bytes, fileOf(sourceId, position.segment), position, at);
    if (!saysLeft) continue;
    const { left } = position;
    at = bytes.writeUInt8(left === undefined ? 0 : 1, at);
    if (left !== undefined) at = writePlace(bytes, fileOf(sourceId, left.segment).subarray(idBytes), left, at);
  }
  at = bytes.writeUInt32BE(fnv1a(bytes, 0, at), at);
  return bytes.toString('base64url', 0, at);
}

/** Gives where it ends. */
function writePlace(bytes: Buffer, file: Buffer, { offset, length, marker }: Position, begin: number): number {
  let at = begin + file.copy(bytes, begin);
  at = writeVarint(bytes, offset + length, at);
  at = writeVarint(bytes, length, at);
  return bytes.writeUInt32BE(marker, at);
}

/** What was written of files: all entries of a file have it in common, and are most of the time read together. */
const written = new WeakMap<SegmentIdentity, { sourceId: string; bytes: Buffer }>();

/** What a cursor says of a file: which one of which source. */
function fileOf(sourceId: string, segment: SegmentIdentity): Buffer {
  const known = written.get(segment);
  if (known?.sourceId === sourceId) return known.bytes;
  const bytes = Buffer.alloc(maxFileBytes);
  let at = bytes.write(sourceId.replaceAll('-', ''), 'hex');
  at = writeVarint(bytes, segment.inode, at);
  at = writeVarint(bytes, segment.bornAt, at);
  at = bytes.writeUInt8(segment.prefixLength, at);
  at = bytes.writeUInt32BE(segment.prefixHash, at);
  const file = bytes.subarray(0, at);
  written.set(segment, { sourceId, bytes: file });
  return file;
}

/** Bytes of a varint: offsets are exact to 2^53, and inodes may have 64 bits. */
const mostOffsetBytes = 8;
const mostInodeBytes = 10;
const maxFileBytes = idBytes + mostInodeBytes + mostOffsetBytes + 1 + 4;
const maxPositionBytes = maxFileBytes + 2 * mostOffsetBytes + 4;

/**
 * The positions of a cursor by source id, in the order in which they were given.
 *
 * @throws {InvalidInputError} CURSOR_DAMAGED when this is not a cursor, or not a whole one
 */
export function decodeCursor(cursor: string, path: string[]): Map<string, Position> {
  const bytes = Buffer.from(cursor, 'base64url');
  const positions = new Map<string, Position>();
  const size = bytes.length - 4;
  const saysLeft = bytes[0] === leavingVersion;
  if (size < 1 || (bytes[0] !== version && !saysLeft) || bytes.readUInt32BE(size) !== fnv1a(bytes, 0, size))
    throw damaged(path);
  const reader = { bytes: bytes.subarray(0, size), at: 1 };
  while (reader.at < size) {
    if (size - reader.at < idBytes) throw damaged(path);
    const id = bytes.toString('hex', reader.at, reader.at + idBytes);
    reader.at += idBytes;
    const position = placeIn(reader, path);
    const flag = saysLeft ? uint(reader, 1) : 0;
    if (flag > 1) throw damaged(path);
    positions.set(dashed(id), flag === 0 ? position : { ...position, left: placeIn(reader, path) });
  }
  if (reader.at !== size || positions.size === 0) throw damaged(path);
  return positions;
}

function placeIn(reader: Reader, path: string[]): Position {
  const inode = varint(reader, mostInodeBytes);
  const bornAt = varint(reader, mostOffsetBytes);
  const prefixLength = uint(reader, 1);
  const prefixHash = uint(reader, 4);
  const [end, length, marker] = [varint(reader, mostOffsetBytes), varint(reader, mostOffsetBytes), uint(reader, 4)];
  // Anybody can write a cursor: what none of ours has is damage, however well its checksum fits.
  if (Number.isNaN(inode + bornAt) || !Number.isSafeInteger(end + length)) throw damaged(path);
  return { segment: { inode, bornAt, prefixLength, prefixHash }, offset: end - length, length, marker };
}

function damaged(path: string[]): InvalidInputError {
  const message = 'This is not a cursor of this server, or not a whole one; pass a cursor as you received it.';
  return new InvalidInputError([{ path, message, code: 'CURSOR_DAMAGED' }]);
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

/** LEB128; division, because shifts stop at 32 bits. Returns where it ends. */
function writeVarint(bytes: Buffer, value: number, at: number): number {
  let rest = value;
  let end = at;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128;
  bytes[end++] = rest;
  return end;
}

interface Reader {
  bytes: Buffer;
  at: number;
}

/** Gives NaN for what no number of ours takes so many bytes for. */
function varint(reader: Reader, most: number): number {
  let value = 0;
  for (let bytes = 0, scale = 1; bytes < most; bytes++, scale *= 128) {
    const byte = uint(reader, 1);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  return Number.NaN;
}

/** Past the end it reads zeros, which the caller's check of the length finds. */
function uint(reader: Reader, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (reader.bytes[reader.at++] ?? 0);
  return value;
}
