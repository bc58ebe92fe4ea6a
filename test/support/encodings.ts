import fc from 'fast-check';

/** A way in which a program may write a log. */
export interface Spelling {
  name: string;
  encode(text: string): Buffer;
  /** What stands before the first line. */
  mark: Buffer;
}

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();
const utf8 = (text: string) => Buffer.from(text);

export const spellings: Spelling[] = [
  { name: 'UTF-8', encode: utf8, mark: utf8('') },
  { name: 'UTF-8 with a BOM', encode: utf8, mark: utf8('\ufeff') },
  { name: 'UTF-16LE', encode: utf16le, mark: utf8('') },
  { name: 'UTF-16LE with a BOM', encode: utf16le, mark: utf16le('\ufeff') },
  { name: 'UTF-16BE', encode: utf16be, mark: utf8('') },
  { name: 'UTF-16BE with a BOM', encode: utf16be, mark: utf16be('\ufeff') },
];

export const lineEnds: { name: string; of(index: number): string }[] = [
  { name: 'LF', of: () => '\n' },
  { name: 'CRLF', of: () => '\r\n' },
  { name: 'mixed line ends', of: (index) => (index % 3 === 0 ? '\r\n' : '\n') },
];

/**
 * Lines of a log, beginning with a time as most do. Some have characters whose bytes in UTF-16 look like a newline where
 * none is: one byte of it, or both, of two characters.
 */
export const logLines = fc.array(
  fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom(
        '',
        'a\rb',
        'Ärger 😀',
        '\u0a0a\u0a00\u000b',
        '\u0a41\u4100',
        '\u4100\u0a41',
        '\u0d00\u010a',
        '😀'.repeat(9),
      ),
    )
    .map((text) => `10:50 ${text.replaceAll(/\n|\r$/g, '')}`),
  { minLength: 1, maxLength: 12 },
);

export const written = (lines: string[], { encode, mark }: Spelling, lineEnd: (index: number) => string): Buffer =>
  Buffer.concat([mark, encode(lines.map((line, index) => `${line}${lineEnd(index)}`).join(''))]);

export const cells = spellings.flatMap((spelling) =>
  lineEnds.map((lineEnd) => ({ name: `${spelling.name}, ${lineEnd.name}`, spelling, lineEnd: lineEnd.of })),
);
