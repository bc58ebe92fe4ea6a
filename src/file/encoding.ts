/** How the text of a file stands in its bytes. Code units begin at multiples of `unit` bytes from the file's beginning. */
export interface Encoding {
  name: 'UTF-8' | 'UTF-16LE' | 'UTF-16BE';
  /** Bytes of a code unit. */
  unit: 1 | 2;
  /** What may stand at the beginning of a file and is no part of its text. */
  byteOrderMark: Buffer;
  /** Whether the code unit at `bytes[at]` is this ASCII character. */
  isAt(bytes: Buffer, at: number, character: number): boolean;
  /** Index after the first newline at or after `bytes[start]`; -1 when there is none. */
  firstLineEnd(bytes: Buffer, start: number): number;
  /** Index after the last newline that ends at or before `bytes[end]`; -1 when there is none. */
  lastLineEnd(bytes: Buffer, end: number): number;
  /** Index at or just before `at` where no character is cut in two. */
  characterStart(bytes: Buffer, at: number): number;
  /** The text of `bytes[start, end)`; what is not valid becomes U+FFFD. */
  decode(bytes: Buffer, start: number, end: number): string;
}

const newline = 10;

/** RFC 3629 */
export const utf8: Encoding = {
  name: 'UTF-8',
  unit: 1,
  byteOrderMark: Buffer.of(0xef, 0xbb, 0xbf),
  isAt: (bytes, at, character) => bytes[at] === character,
  firstLineEnd(bytes, start) {
    const at = bytes.indexOf(newline, start);
    return at === -1 ? -1 : at + 1;
  },
  lastLineEnd(bytes, end) {
    // A negative index would count from the end.
    const at = end > 0 ? bytes.lastIndexOf(newline, end - 1) : -1;
    return at === -1 ? -1 : at + 1;
  },
  characterStart(bytes, at) {
    // A character has at most three bytes after its first; more are not valid anyway.
    for (let start = at; start >= 0 && start > at - 4; start--) {
      if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
    }
    return at;
  },
  decode: (bytes, start, end) => bytes.toString('utf8', start, end),
};

/** RFC 2781. Bytes are looked at in pairs, so they must begin at an even offset of the file. */
function utf16(name: 'UTF-16LE' | 'UTF-16BE', byteOrderMark: Buffer): Encoding {
  // In a code unit: which byte is an ASCII character, and which one is NUL beside it.
  const [low, high] = name === 'UTF-16LE' ? [0, 1] : [1, 0];
  const decoder = new TextDecoder(name, { ignoreBOM: true });
  const isAt = (bytes: Buffer, at: number, character: number) =>
    bytes[at + low] === character && bytes[at + high] === 0;
  const isNewline = (bytes: Buffer, at: number) => at % 2 === low && isAt(bytes, at - low, newline);
  const surrogate = (bytes: Buffer, at: number) => (bytes[at + high] ?? 0) & 0xfc;
  return {
    name,
    unit: 2,
    byteOrderMark,
    isAt,
    firstLineEnd(bytes, start) {
      let at = bytes.indexOf(newline, start);
      while (at !== -1 && !isNewline(bytes, at)) at = bytes.indexOf(newline, at + 1);
      return at === -1 ? -1 : at - low + 2;
    },
    lastLineEnd(bytes, end) {
      for (let at = end; at > 0; ) {
        at = bytes.lastIndexOf(newline, at - 1);
        if (at === -1) return -1;
        const lineEnd = at - low + 2;
        if (lineEnd <= end && isNewline(bytes, at)) return lineEnd;
      }
      return -1;
    },
    characterStart(bytes, at) {
      const start = at - (at % 2);
      return surrogate(bytes, start) === 0xdc && surrogate(bytes, start - 2) === 0xd8 ? start - 2 : start;
    },
    decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  };
}

export const utf16le = utf16('UTF-16LE', Buffer.of(0xff, 0xfe));
export const utf16be = utf16('UTF-16BE', Buffer.of(0xfe, 0xff));

/** By name. */
export const encodings: Readonly<Record<Encoding['name'], Encoding>> = {
  'UTF-8': utf8,
  'UTF-16LE': utf16le,
  'UTF-16BE': utf16be,
};

/** Code units that must look like UTF-16 where a file has no byte order mark. */
const tellingUnits = 4;

/** Bytes of a file's beginning that always tell its encoding. */
export const tellingBytes = 2 * tellingUnits;

/**
 * The encoding of a file that begins with these bytes; null while there are too few to tell. Once told it stays, however
 * the file goes on.
 *
 * UTF-16 is what begins with its byte order mark, or with ASCII characters each beside a NUL: four of them, or fewer
 * and a newline. Everything else is UTF-8. So UTF-16 that begins with other characters has to have the mark.
 */
export function encodingOf(beginning: Buffer): Encoding | null {
  for (const encoding of [utf16le, utf16be]) {
    const signs = [startsWithMark(beginning, encoding), startsWithAscii(beginning, encoding)];
    if (signs.includes('yes')) return encoding;
    if (signs.includes('maybe')) return null;
  }
  return utf8;
}

/** `maybe`: what there is agrees, but there is not enough. */
type Answer = 'yes' | 'no' | 'maybe';

function startsWithMark(beginning: Buffer, { byteOrderMark }: Encoding): Answer {
  if (beginning.length >= byteOrderMark.length) {
    return byteOrderMark.equals(beginning.subarray(0, byteOrderMark.length)) ? 'yes' : 'no';
  }
  return beginning.equals(byteOrderMark.subarray(0, beginning.length)) ? 'maybe' : 'no';
}

function startsWithAscii(beginning: Buffer, encoding: Encoding): Answer {
  for (let at = 0; at < tellingBytes; at += 2) {
    const pair = [beginning[at], beginning[at + 1]];
    const [character, nul] = encoding === utf16le ? pair : pair.reverse();
    if (nul !== undefined && nul !== 0) return 'no';
    if (character !== undefined && !isText(character, at === 0)) return 'no';
    if (character === undefined || nul === undefined) return 'maybe';
    if (character === newline) return 'yes';
  }
  return 'yes';
}

/** An empty first line is told to be UTF-8 at its newline: it would have to wait for the next byte otherwise. */
const isText = (byte: number, first: boolean): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 9 || (!first && (byte === newline || byte === 13));
