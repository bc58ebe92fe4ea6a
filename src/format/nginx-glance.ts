import type { Glance, GlancedRequest } from './glance.ts';
import { levelOfStatus } from './level.ts';
import { durationAt, millisecondsOf } from './nginx-duration.ts';
import { clfTimeAt } from './time.ts';

const space = 0x20;
const quote = 0x22;
const dash = 0x2d;
const questionMark = 0x3f;
const bracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;

/** Bytes of "21/Nov/2026:10:50:54 +0000". */
const timeLength = 26;
/** Where the seconds are in it. */
const secondsAt = 18;

/** Bytes of address and user together that are looked at; `parse` reads the few lines with longer ones. */
const maxHead = 256;
/** Digits of the bytes sent; `parse` tells what more of them mean. */
const maxDigits = 20;

/** Texts in quotes that may come before the words of which one is the duration: referer, agent, forwarded address. */
const quotedTexts = 3;

/**
 * Time and status of a line of nginx's access log. Sure of every line that has no escaped quote in its request, and no
 * address or user of unusual length.
 */
export class NginxGlance implements Glance {
  timestamp = 0;
  status = 0;
  /** The bytes last looked at, and a view of them that reads four at once. */
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** The timestamp last parsed, and the moment at which its minute began. */
  readonly #parsed = new DataView(new ArrayBuffer(timeLength));
  #minute = 0;
  readonly #request = { target: '', status: 0, bytesSent: null as number | null, durationMs: null as number | null };
  /** Where in the bytes the request is, where what comes after it begins with the bytes sent, and where the line ends. */
  #requestAt = 0;
  #requestEnd = 0;
  #sentAt = 0;
  #sentEnd = 0;
  #end = 0;

  get level() {
    return levelOfStatus(this.status);
  }

  read(bytes: Buffer, from: number, to: number): boolean {
    const timeAt = timeIn(bytes, from, to);
    if (timeAt === -1 || !this.#readTime(bytes, timeAt)) return false;
    const requestAt = timeAt + timeLength + 3;
    if (bytes[requestAt - 3] !== closingBracket || bytes[requestAt - 2] !== space || bytes[requestAt - 1] !== quote)
      return false;
    // When the line has none it is found in another line, not later than the quote before that one's request: so lines
    // are not gone over again and again.
    const requestEnd = bytes.indexOf(quote, requestAt);
    this.#requestAt = requestAt;
    this.#requestEnd = requestEnd;
    this.#end = to;
    return requestEnd !== -1 && bytes[requestEnd - 1] !== backslash && this.#readStatus(bytes, requestEnd + 1, to);
  }

  request(): GlancedRequest | null {
    const bytes = this.#bytes;
    const words = this.#wordsAt();
    if (words === -1) return null;
    const request = this.#request;
    request.target = bytes.toString('latin1', this.#requestAt, this.#targetEnd());
    request.status = this.status;
    request.bytesSent = this.#sent();
    request.durationMs = words < this.#end ? durationIn(bytes.toString('latin1', words, this.#end)) : null;
    return request;
  }

  /** Where the words behind the texts in quotes begin; -1 when that is not sure. */
  #wordsAt(): number {
    const bytes = this.#bytes;
    let at = this.#sentEnd + 1;
    for (let texts = 0; texts < quotedTexts && at < this.#end && bytes[at] === quote; texts++) {
      const end = bytes.indexOf(quote, at + 1);
      if (end === -1 || end >= this.#end || bytes[end - 1] === backslash) return -1;
      at = bytes[end + 1] === space ? end + 2 : end + 1;
    }
    return at;
  }

  #targetEnd(): number {
    let at = this.#requestAt;
    while (at < this.#requestEnd && this.#bytes[at] !== questionMark) at++;
    return at;
  }

  #sent(): number | null {
    if (this.#bytes[this.#sentAt] === dash) return null;
    const sent = numberAt(this.#bytes, this.#sentAt, this.#sentEnd - this.#sentAt);
    return Number.isSafeInteger(sent) ? sent : null;
  }

  /** Parses the time only when its minute is not that of the line before. */
  #readTime(bytes: Buffer, at: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const second = numberAt(bytes, at + secondsAt, 2);
    // A leap second is not in every minute.
    if (second !== -1 && second < 60 && isSameMinute(this.#view, at, this.#parsed)) {
      this.timestamp = this.#minute + second * 1000;
      return true;
    }
    const found = clfTimeAt(bytes.toString('latin1', at, at + timeLength), 0);
    if (found === null || found.end !== timeLength) return false;
    for (let index = 0; index < timeLength; index++) this.#parsed.setUint8(index, this.#view.getUint8(at + index));
    this.timestamp = found.timestamp;
    this.#minute = found.timestamp - second * 1000;
    return true;
  }

  /** Reads ` 200 5316` and what ends it. */
  #readStatus(bytes: Buffer, at: number, to: number): boolean {
    if (at + 6 > to || bytes[at] !== space || bytes[at + 4] !== space) return false;
    const status = numberAt(bytes, at + 1, 3);
    if (status === -1) return false;
    this.status = status;
    let end = at + 5;
    if (bytes[end] === dash) end++;
    else while (end < to && end < at + 5 + maxDigits && isDigit(bytes[end])) end++;
    this.#sentAt = at + 5;
    this.#sentEnd = end;
    return end > at + 5 && (end === to || bytes[end] === space);
  }
}

/** Where the time of a line begins, which is followed by the first quote in it; -1 when that is not sure. */
function timeIn(bytes: Buffer, from: number, to: number): number {
  const end = Math.min(from + maxHead, to - timeLength - 3);
  let at = from;
  // One comparison a byte: neither space nor quote, nor control character nor exclamation mark.
  while (at < end && (bytes[at] ?? 0) > quote) at++;
  if (at === from || bytes[at] !== space || bytes[at + 1] !== dash || bytes[at + 2] !== space) return -1;
  for (at += 3; at < end; at++) {
    if (bytes[at] === quote) return -1;
    if (bytes[at] === space && bytes[at + 1] === bracket) return at + 2;
  }
  return -1;
}

function durationIn(text: string): number | null {
  const words = text.split(' ');
  const word = words[durationAt(words)];
  return word === undefined ? null : millisecondsOf(word);
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** The number written with exactly `count` digits; -1 when there is none. */
function numberAt(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return -1;
    value = value * 10 + byte - 0x30;
  }
  return value;
}

/** Whether two timestamps differ in nothing but the seconds. */
const isSameMinute = (view: DataView, at: number, other: DataView): boolean =>
  view.getUint32(at) === other.getUint32(0) &&
  view.getUint32(at + 4) === other.getUint32(4) &&
  view.getUint32(at + 8) === other.getUint32(8) &&
  view.getUint32(at + 12) === other.getUint32(12) &&
  view.getUint16(at + 16) === other.getUint16(16) &&
  view.getUint32(at + 20) === other.getUint32(20) &&
  view.getUint16(at + 24) === other.getUint16(24);
