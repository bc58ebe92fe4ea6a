import { readSync } from 'node:fs';
import type { SegmentIdentity } from '../entry.ts';
import { type Encoding, encodings } from '../file/encoding.ts';
import { markerBytes } from '../file/line.ts';
import { identityBy } from '../file/segment.ts';
import type { Text } from '../history/lines.ts';
import type { Piece } from './piece.ts';

/** The file of a piece, read synchronously: whoever scans has nothing else to do. */
export class PieceText implements Text {
  readonly encoding: Encoding;
  readonly #piece: Piece;
  readonly #prefix: Buffer;

  constructor(piece: Piece) {
    this.#piece = piece;
    this.#prefix = Buffer.from(piece.prefix);
    this.encoding = encodings[piece.encoding];
  }

  identityAt(end: number): SegmentIdentity {
    return identityBy(this.#piece.identity, this.#prefix, end);
  }

  async read(buffer: Buffer, offset: number): Promise<Buffer> {
    return this.readNow(buffer, offset);
  }

  async before(offset: number): Promise<Buffer> {
    return this.beforeNow(offset);
  }

  /** Reads up to `buffer.length` bytes at `offset`; fewer only at the end of the file. */
  readNow(buffer: Buffer, offset: number): Buffer {
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.#piece.fd, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  /** The bytes before `offset`, as many as a marker covers. */
  beforeNow(offset: number): Buffer {
    const length = Math.min(markerBytes, offset);
    return this.readNow(Buffer.alloc(length), offset - length);
  }
}
