/** What stands for a value in shapes and templates. */
export const wildcard = '<*>';

/** Longest text that is looked at, in characters: what an application says first tells which message it is. */
const maxLength = 1000;

const letter = 1;
const digit = 2;
const hexLetter = 4;
/** Where a path, a URL or an address may be. */
const mark = 8;
/** What joins the parts of one value: 10.0.0.1, a-b-1, 12:30, 10/8, 1,000. */
const joint = 16;
/** What a path or URL ends before. */
const stop = 32;

const kinds = new Uint8Array(128);
const are = (characters: string, kind: number) => {
  for (const character of characters) kinds[character.charCodeAt(0)] = (kinds[character.charCodeAt(0)] ?? 0) | kind;
};
are('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', letter);
are('ABCDEFabcdef', hexLetter);
are('0123456789', digit);
are('/\\@', mark);
are('_-.:/@,+~', joint);
are(' \t"\'<>()[]{},;|', stop);

const blank = 0x20;
const dash = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const comma = 0x2c;
const slash = 0x2f;
const colon = 0x3a;
const backslash = 0x5c;
const at = 0x40;

/** Characters beyond ASCII are letters. */
const kindAt = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  return code < 128 ? (kinds[code] ?? 0) : code >= 128 ? letter : 0;
};

/** Where the letters and digits before `index` begin. */
const runStart = (text: string, index: number, from: number): number => {
  let start = index;
  while (start > from && (kindAt(text, start - 1) & (letter | digit)) !== 0) start--;
  return start;
};

/** Where the letters and digits from `index` end. */
const runEnd = (text: string, index: number, length: number): number => {
  let end = index;
  while (end < length && (kindAt(text, end) & (letter | digit)) !== 0) end++;
  return end;
};

const isHex = (text: string, from: number, to: number): boolean => {
  for (let index = from; index < to; index++) if ((kindAt(text, index) & (digit | hexLetter)) === 0) return false;
  return true;
};

/** Where a value that has a digit ends: over all parts that are joined to it. */
const valueEnd = (text: string, index: number, length: number): number => {
  let end = index;
  while (end < length && (kindAt(text, end) & joint) !== 0) {
    const code = text.charCodeAt(end);
    let next = end + 1;
    // Such as the :: of IPv6, and 1_-5.
    if (next < length && (text.charCodeAt(next) === dash || text.charCodeAt(next) === code)) next++;
    const kind = kindAt(text, next);
    if (next >= length || (kind & (letter | digit)) === 0) break;
    const after = runEnd(text, next, length);
    if ((code === comma || code === plus) && (kind & digit) === 0) break;
    if (code === colon && (kind & digit) === 0 && !isHex(text, next, after)) break;
    end = after;
  }
  return end;
};

/** Whether hexadecimal digits from `start`, of which that at `index` is the first decimal one, are no name with a number. */
const isRatherHex = (text: string, start: number, index: number, end: number): boolean => {
  if (end - start >= 6 || text.charCodeAt(end) === colon) return true;
  for (let at = index; at < end; at++) if ((kindAt(text, at) & letter) !== 0) return true;
  return false;
};

/** Where the value begins of which a digit is at `index`; -1 when the digit is part of a name, such as that of ssh2. */
const valueStart = (text: string, index: number, from: number, end: number): number => {
  const start = runStart(text, index, from);
  if (start === index) return signed(text, index, from);
  let digits = 0;
  for (let at = index; at < end; at++) if ((kindAt(text, at) & digit) !== 0) digits++;
  if (digits === 1) return -1;
  const last = runEnd(text, index, end);
  if (isHex(text, start, last)) {
    const first = joined(text, start, from);
    if (first < start || (last - start >= 4 && isRatherHex(text, start, index, last))) return first;
  }
  let at = index;
  while (at < last && (kindAt(text, at) & digit) !== 0) at++;
  // node12 and eth10g have a name, k9dK2a has not.
  for (let rest = at; rest < last; rest++) if ((kindAt(text, rest) & digit) !== 0) return start;
  return index;
};

/** With the sign or what stands before a colon or a dash, where that belongs to the value. */
const signed = (text: string, index: number, from: number): number => {
  const before = index > from ? text.charCodeAt(index - 1) : 0;
  if (before === dash || before === plus) {
    if (index - 1 === from || (kindAt(text, index - 2) & (letter | digit)) === 0) return index - 1;
  }
  if (before === colon) {
    // A host and its port: example.com:80
    let start = index - 1;
    let dots = 0;
    while (start > from) {
      const code = text.charCodeAt(start - 1);
      if (code === dot) dots++;
      else if (code !== dash && code !== 0x5f && (kindAt(text, start - 1) & (letter | digit)) === 0) break;
      start--;
    }
    if (dots > 0 && text.charCodeAt(start) !== dot && !/[a-z][A-Z]/.test(text.slice(start, index))) return start;
  }
  return joined(text, index, from);
};

/** With the parts before that have no digit by chance: of a UUID or a MAC address. */
const joined = (text: string, index: number, from: number): number => {
  let start = index;
  while (start > from) {
    const code = text.charCodeAt(start - 1);
    if (code !== dash && code !== colon) break;
    const part = runStart(text, start - 1, from);
    const length = start - 1 - part;
    if (length === 0 || !isHex(text, part, start - 1)) break;
    if (code === dash ? length !== 4 && length !== 8 : length !== 2) break;
    start = part;
  }
  return start;
};

const textEnd = (text: string, index: number, length: number): number => {
  let end = index;
  while (end < length && (kindAt(text, end) & stop) === 0) end++;
  // What ends a sentence or a clause is not the path's.
  while (end > index && (text.charCodeAt(end - 1) === dot || text.charCodeAt(end - 1) === colon)) end--;
  return end;
};

/**
 * A message with its values replaced by `<*>`: numbers, ids, addresses, times, paths, URLs. A quick look from left to
 * right, without knowing other messages: it takes for a value only what surely is one.
 *
 * Only the first line of a message counts, and of that the first 1000 characters.
 */
export const shapeOf = (message: string): string => {
  let length = message.length;
  if (length > maxLength) length = maxLength;
  let out = '';
  /** Up to where the message is in `out`. */
  let from = 0;
  for (let index = 0; index < length; index++) {
    const code = message.charCodeAt(index);
    if (code === 10 || code === 13) {
      length = index;
      break;
    }
    if (code >= 128) continue;
    const kind = kinds[code] ?? 0;
    if ((kind & (digit | mark)) === 0) continue;
    let start = -1;
    let end = index;
    if ((kind & digit) !== 0) {
      end = valueEnd(message, runEnd(message, index, length), length);
      start = valueStart(message, index, from, end);
    } else if (code === slash) {
      if (index > from && message.charCodeAt(index - 1) === colon && message.charCodeAt(index + 1) === slash) {
        // scheme://
        start = runStart(message, index - 1, from);
        end = textEnd(message, index, length);
      } else if (
        index === 0 ||
        (kindAt(message, index - 1) & stop) !== 0 ||
        isSeparator(message.charCodeAt(index - 1))
      ) {
        end = textEnd(message, index, length);
        const next = message.indexOf('/', index + 1);
        if (next !== -1 && next < end) start = index;
      }
      if (start === -1) end = index;
    } else if (code === backslash) {
      // C:\ or \\host\share
      const isDrive = index - 2 >= from && message.charCodeAt(index - 1) === colon;
      const isShare =
        message.charCodeAt(index + 1) === backslash && (index === 0 || message.charCodeAt(index - 1) === blank);
      if (isDrive || isShare) {
        start = isDrive ? index - 2 : index;
        end = textEnd(message, index, length);
      }
    } else if (code === at) {
      const part = runStart(message, index, from);
      const host = textEnd(message, index + 1, length);
      const isAddress = part < index && message.slice(index + 1, host).includes('.');
      if (isAddress) {
        start = part;
        while (start > from && (kindAt(message, start - 1) & (letter | digit)) !== 0) start--;
        end = host;
      }
    }
    if (start >= from && end > start && start !== -1) {
      out += message.slice(from, start) + wildcard;
      from = end;
      index = end - 1;
    } else if (end > index) index = end - 1;
  }
  if (from === 0 && length === message.length) return message;
  out += message.slice(from, length);
  return length === maxLength && message.length > maxLength ? out + wildcard : out;
};

const isSeparator = (code: number): boolean => code === colon || code === 0x3d;

/** The same text in memory of its own: a part of a string keeps all of that string. */
export const ofItsOwn = (text: string): string => ` ${text}`.slice(1);
