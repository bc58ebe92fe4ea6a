/** Servers read at most 8 KiB of a request line or header by default, and write up to four characters per byte. */
const maxEscapedLength = 32_768;

/** The escapes of nginx: runs of bytes, \xC3\xA9. A quote is \x22 and a backslash \x5C. */
export const nginxEscapes = /(?:\\x[0-9A-F]{2})+/g;

/** The escapes of Apache: runs of bytes, \xc3\xa9, quotes and backslashes. Those of newlines and tabs stay. */
export const apacheEscapes = /(?:\\x[0-9a-f]{2})+|\\["\\]/g;

/**
 * Undoes escapes: UTF-8 byte by byte, and of a character after a backslash. A run of bytes that is not printable text,
 * such as a TLS handshake sent to the HTTP port, stays as written, so that no control character reaches a terminal. So
 * does a text longer than servers let in.
 */
export const unescaped = (text: string, escapes: RegExp): string => {
  if (text.length > maxEscapedLength || !text.includes('\\')) return text;
  return text.replace(escapes, (found) => {
    if (found.length === 2) return found.slice(1);
    const decoded = Buffer.from(found.replaceAll('\\x', ''), 'hex').toString();
    return /[\p{Cc}\p{Cf}\uFFFD]/u.test(decoded) ? found : decoded;
  });
};
