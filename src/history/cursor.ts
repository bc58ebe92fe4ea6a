import type { Position, SegmentIdentity } from '../entry.ts';
import { InvalidInputError } from '../errors.ts';
import { fnv1a } from '../file/hash.ts';

const version = 1;
const idBytes = 16;

/**
 * Positions in one or several logs as opaque, URL-safe text. A cursor carries all there is to know of a position, so
 * no reader state is kept anywhere; its checksum tells a damaged cursor from one whose place is gone.
 *
 * Layout: version (1 byte), then for each source its id (16), inode (varint), prefix length (1) and hash (4), offset
 * and length (varints) and marker (4), then FNV-1a of all that (4); base64url. Offsets are exact to 2^53.
 */
export function encodeCursor(positions: Iterable<[sourceId: string, Position]>): string {
  const bytes: number[] = [version];
  for (const [sourceId, position] of positions) {
    bytes.push(...head(sourceId, position.segment));
    pushVarint(bytes, position.offset);
    pushVarint(bytes, position.length);
    pushUint32(bytes, position.marker);
  }
  pushUint32(bytes, fnv1a(Uint8Array.from(bytes)));
  return Buffer.from(bytes).toString('base64url');
}

/**
 * The positions of a cursor by source id, in the order in which they were given.
 *
 * @throws {InvalidInputError} CURSOR_DAMAGED when this is not a cursor, or not a whole one
 */
export function decodeCursor(cursor: string, path: string[]): Map<string, Position> {
  const bytes = Buffer.from(cursor, 'base64url');
  const positions = new Map<string, Position>();
  const end = bytes.length - 4;
  if (end < 1 || bytes[0] !== version || bytes.readUInt32BE(end) !== fnv1a(bytes, 0, end)) throw damaged(path);
  const reader = { bytes: bytes.subarray(0, end), at: 1 };
  while (reader.at < end) {
    if (end - reader.at < idBytes) throw damaged(path);
    const id = bytes.toString('hex', reader.at, reader.at + idBytes);
    reader.at += idBytes;
    const inode = varint(reader);
    const prefixLength = uint(reader, 1);
    const prefixHash = uint(reader, 4);
    const [offset, length, marker] = [varint(reader), varint(reader), uint(reader, 4)];
    positions.set(dashed(id), { segment: { inode, prefixLength, prefixHash }, offset, length, marker });
  }
  if (reader.at !== end || positions.size === 0) throw damaged(path);
  return positions;
}

function damaged(path: string[]): InvalidInputError {
  const message = 'This is not a cursor of this server, or not a whole one; pass a cursor as you received it.';
  return new InvalidInputError([{ path, message, code: 'CURSOR_DAMAGED' }]);
}

/** The part that all entries of one file share. */
function head(sourceId: string, segment: SegmentIdentity): number[] {
  const bytes = [...Buffer.from(sourceId.replaceAll('-', ''), 'hex')];
  pushVarint(bytes, segment.inode);
  bytes.push(segment.prefixLength);
  pushUint32(bytes, segment.prefixHash);
  return bytes;
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

function pushUint32(bytes: number[], value: number): void {
  bytes.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** LEB128; division, because shifts stop at 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
}

interface Reader {
  bytes: Buffer;
  at: number;
}

function varint(reader: Reader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = uint(reader, 1);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

/** Past the end it reads zeros, which the caller's check of the length finds. */
function uint(reader: Reader, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (reader.bytes[reader.at++] ?? 0);
  return value;
}
