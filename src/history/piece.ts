import type { Segment } from '../file/segment.ts';
import type { Piece } from '../scan/piece.ts';
import type { Passage } from './passage.ts';
import type { Sieve } from './scan.ts';

/** A stretch of an open file, as a thread is given it. */
export function pieceOf(
  passage: Passage,
  sieve: Sieve,
  { fd, inode, bornAt, prefix, encoding }: Segment,
  { span, start, end }: { span: number; start: number; end: number },
  { timeBeforeFile, cancelled }: Pick<Piece, 'timeBeforeFile' | 'cancelled'>,
): Piece {
  return {
    fd,
    identity: { inode, bornAt },
    prefix,
    encoding: encoding?.name ?? 'UTF-8',
    start,
    end,
    detected: sieve.detected,
    parse: passage.readings(sieve)(span).parse,
    maxRecordBytes: passage.layout.maxRecordBytes,
    timeBeforeFile,
    cancelled,
  };
}
