import { constants, gunzipSync } from 'node:zlib';
import { encodingOf, utf8 } from '../file/encoding.ts';

/** Bytes of a file's beginning that tell whether it is text. */
export const inspectedBytes = 64 * 1024;

/** Of a compressed one: they may expand a thousandfold. */
const packedBytes = 4 * 1024;

/** Characters that no text has, and their share, beyond which it is none: a stray one may stand in any log. */
const [fewStrange, mostStrange] = [4, 0.01];

/** What a file is, by its first bytes, whatever it is called. */
export type Inspected = { kind: 'text' | 'gzip' } | { kind: 'refused'; reason: string };

/**
 * Tells text, plain or compressed with gzip (RFC 1952), from everything else. UTF-16 is text; so are holes of NUL
 * characters, which a file has that was emptied while it was written to.
 *
 * @param beginning at most `inspectedBytes`
 */
export function inspect(beginning: Buffer): Inspected {
  if (beginning.length === 0) return { kind: 'refused', reason: 'The file is empty.' };
  const isPacked = beginning[0] === 0x1f && beginning[1] === 0x8b;
  const bytes = isPacked ? unpacked(beginning.subarray(0, packedBytes)) : beginning;
  if (bytes === null) return { kind: 'refused', reason: 'The file begins like one of gzip, but is damaged.' };
  if (isText(bytes)) return { kind: isPacked ? 'gzip' : 'text' };
  return { kind: 'refused', reason: `The file is not text${isPacked ? ' when it is unpacked' : ''}; upload a log.` };
}

/** As much as can be told from the beginning. */
function unpacked(beginning: Buffer): Buffer | null {
  try {
    return gunzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}

function isText(bytes: Buffer): boolean {
  const encoding = encodingOf(bytes) ?? utf8;
  const text = encoding.decode(bytes, 0, bytes.length).replaceAll(/\0{64,}/g, '');
  let strange = 0;
  for (let at = 0; at < text.length; at++) if (isStrange(text.charCodeAt(at))) strange++;
  return strange <= fewStrange || strange <= text.length * mostStrange;
}

const escapeCode = 0x1b;

/** A control character that is no white space, backspace or escape: those stand in what terminals show. */
const isStrange = (code: number): boolean =>
  (code < 32 && (code < 8 || code > 13) && code !== escapeCode) || code === 127;
