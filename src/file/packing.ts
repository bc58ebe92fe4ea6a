import type { FileHandle } from 'node:fs/promises';
import { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { RefusedFileError } from './open.ts';

/** How a file is compressed. */
export type Packing = 'gzip' | 'zstd';

/** How a file of this name is compressed; null: it is not. Only the name tells: the content is not looked at. */
export function packingOf(name: string): Packing | null {
  if (name.endsWith('.gz')) return 'gzip';
  return name.endsWith('.zst') ? 'zstd' : null;
}

/** The name that a compressed file had before; any other name as it is. */
export const unpackedName = (name: string): string => name.replace(/\.(gz|zst)$/, '');

/** Why no file that is compressed in this way can be read here, in words; null when they can. */
export const packingProblem = (packing: Packing): string | null =>
  packing === 'gzip' || 'createZstdDecompress' in zlib
    ? null
    : 'It is compressed with zstd, which Node.js reads from version 22.15 on.';

/** A compressed file ends too early, or is not what its name says; all that could be made of it was handed out. */
export class DamagedFileError extends Error {}

/** Something is wrong in the piece of a compressed file that begins at `offset`, or with its end. */
class DamagedPieceError extends DamagedFileError {
  readonly offset: number | 'end';

  constructor(offset: number | 'end', cause: DecompressionError) {
    const what = offset === 'end' ? 'It ends too early' : `It is damaged (${cause.message})`;
    super(`${what}: only the whole lines before that can be read.`, { cause });
    this.offset = offset;
  }
}

/** Compressed bytes that are taken at once; so many single ones take about half a second. */
const pieceBytes = 16 * 1024;

/**
 * What stands in a compressed file, in portions; several members in one file are read as one. Of a damaged file
 * everything before the damage is handed out.
 *
 * @throws {DamagedFileError} after that
 * @throws {RefusedFileError} when files that are compressed in this way cannot be read here
 */
export async function* contentOf(packed: FileHandle, packing: Packing): AsyncGenerator<Buffer, void, undefined> {
  let given = 0;
  try {
    for await (const portion of expand(packed, packing, Number.POSITIVE_INFINITY)) {
      given += portion.length;
      yield portion;
    }
  } catch (error) {
    if (!(error instanceof DamagedPieceError) || error.offset === 'end') throw error;
    // A decompressor that fails drops what it had made of the piece. Single bytes show how far it comes.
    let seen = 0;
    for await (const portion of expand(packed, packing, error.offset)) {
      const rest = portion.subarray(Math.max(0, given - seen));
      seen += portion.length;
      if (rest.length > 0) yield rest;
    }
  }
}

/** Takes a piece when all that comes of the one before was handed out; from `carefulFrom` on a piece is one byte. */
async function* expand(
  packed: FileHandle,
  packing: Packing,
  carefulFrom: number,
): AsyncGenerator<Buffer, void, undefined> {
  const decompressor = new Decompressor(packing);
  let at: number | 'end' = 0;
  try {
    for (const block = Buffer.allocUnsafe(pieceBytes); ; ) {
      const { bytesRead } = await packed.read(block, 0, block.length, at);
      if (bytesRead === 0) break;
      const step = at < carefulFrom ? bytesRead : 1;
      for (let start = 0; start < bytesRead && !decompressor.isDone; start += step) {
        yield* decompressor.output(block.subarray(start, start + step));
      }
      // What follows the last member is padding.
      if (decompressor.isDone) return;
      at += bytesRead;
    }
    at = 'end';
    yield* decompressor.output(null);
  } catch (error) {
    throw error instanceof DecompressionError ? new DamagedPieceError(at, error) : error;
  } finally {
    decompressor.destroy();
  }
}

class DecompressionError extends Error {}

/** A decompressor that is emptied before it is fed again: one that fails drops what was not yet taken from it. */
class Decompressor {
  readonly #stream: Transform;
  #state: 'open' | 'ended' | DecompressionError = 'open';
  #wake: () => void = () => {};

  constructor(packing: Packing) {
    this.#stream = transformOf(packing);
    this.#stream.on('readable', () => this.#wake());
    this.#stream.on('end', () => this.#become('ended'));
    this.#stream.on('error', (error) => this.#become(new DecompressionError(error.message, { cause: error })));
  }

  /** Whether it takes no more. */
  get isDone(): boolean {
    return this.#state !== 'open';
  }

  /** What comes of one more piece; null: of there being none. */
  async *output(piece: Buffer | null): AsyncGenerator<Buffer, void, undefined> {
    let taken = false;
    if (piece === null) this.#stream.end();
    else {
      this.#stream.write(piece, () => {
        taken = true;
        this.#wake();
      });
    }
    for (;;) {
      const portion: Buffer | null = this.#stream.read();
      if (portion !== null) yield portion;
      else if (this.#state instanceof DecompressionError) throw this.#state;
      else if (taken || this.#state === 'ended') return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #become(state: 'ended' | DecompressionError): void {
    this.#state = state;
    this.#wake();
  }
}

/** Most bytes of a portion. */
const chunkSize = 64 * 1024;

/** Not every Node notices that a zstd file ends too early: https://github.com/nodejs/node/issues/64592 */
function transformOf(packing: Packing): Transform {
  const problem = packingProblem(packing);
  if (problem !== null) throw new RefusedFileError('UNREADABLE', problem);
  if (packing === 'gzip') return zlib.createGunzip({ chunkSize });
  const zstd: unknown =
    'createZstdDecompress' in zlib && typeof zlib.createZstdDecompress === 'function'
      ? zlib.createZstdDecompress({ chunkSize })
      : null;
  if (!(zstd instanceof Transform)) throw new Error('zlib.createZstdDecompress makes no Transform.');
  return zstd;
}
