import type { Level } from '../entry.ts';
import type { Format, ParseContext } from './format.ts';
import { firstLine } from './header.ts';
import { type HeaderLayout, hasHeader, readLine } from './header-layout.ts';
import { levelOfWord } from './level.ts';
import { isoTimeAt, type TimeInText } from './time.ts';

/** Characters, from the time on, in which a level is looked for: further on such words are part of the message. */
const window = 80;

/** An upper-case word; or any case in brackets, before a colon, or after `level=`. */
const levelPattern =
  /(?<![\w.-])(?:([A-Z]{3,9})(?![\w.-])|[[<(]([A-Za-z]{3,13})[\])>]|([A-Za-z]{3,13}):(?!\S)|level="?([A-Za-z]{3,13})(?!\w))/g;

/** A time at the very beginning, or right after the first word (a program, a level); brackets may surround either. */
const leadingTime = (text: string, context: ParseContext): TimeInText | null => {
  const first = /^[[(]?/.exec(text)?.[0].length ?? 0;
  const found = isoTimeAt(text, first, context);
  if (found !== null) return found;
  const second = /^\S{1,40} {1,4}[[(]?/.exec(text)?.[0].length;
  return second === undefined ? null : isoTimeAt(text, second, context);
};

const levelIn = (text: string): Level => {
  for (const [, ...groups] of text.matchAll(levelPattern)) {
    const level = levelOfWord(groups.find((word) => word !== undefined) ?? '');
    if (level !== 'UNKNOWN') return level;
  }
  return 'UNKNOWN';
};

/**
 * Any text. A timestamp of ISO 8601 at the beginning or after the first word counts ("2026-11-21 10:50:54 status
 * installed ...", "update-alternatives 2026-11-21 10:50:54: ..."), and a level that stands out near the beginning
 * ("ERROR", "[warn]", "error:", "level=info"). The message is the whole text. Where the log has a layout, see `textOf`.
 */
export const TEXT = {
  name: 'TEXT',
  parse(raw, context) {
    const time = leadingTime(raw, context);
    return {
      timestamp: time?.timestamp ?? null,
      level: levelIn(raw.slice(0, (time?.end ?? 0) + window)),
      message: raw,
      fields: {},
    };
  },
} satisfies Format;

/** The same for a log whose headers are laid out alike: level and message are where they say, and lines without one go on. */
export const textOf = (layout: HeaderLayout): Format => ({
  name: 'TEXT',
  parse(raw, context) {
    return readLine(firstLine(raw), layout, context) ?? TEXT.parse(raw, context);
  },
  begins: (line) => hasHeader(line, layout),
});
