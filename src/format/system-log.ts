import type { JsonValue } from '../entry.ts';
import type { Format } from './format.ts';
import { isTextOrNone, parseObject, timeOfJson } from './json.ts';
import { levelOfWord } from './level.ts';

/** A line number, as the API's 32-bit Int can carry it, or none. */
const isLineOrNone = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || (typeof value === 'number' && (value | 0) === value);

/**
 * What an application logs for its developers: one JSON object per line with `timestamp`, `level`, `logger` and
 * `message`, and, if known, `module`, `function` and `line`. Other keys are fields of their own. A level of another
 * name stays among the fields.
 */
export const SYSTEM_LOG: Format = {
  name: 'SYSTEM_LOG',
  parse(raw, context) {
    const record = parseObject(raw);
    if (record === null) return null;
    const { timestamp: written, level: word, message, ...fields } = record;
    const timestamp = timeOfJson(written, context);
    if (timestamp === null || typeof word !== 'string' || typeof message !== 'string') return null;
    if (typeof fields.logger !== 'string' || !isTextOrNone(fields.module) || !isTextOrNone(fields.function))
      return null;
    if (!isLineOrNone(fields.line)) return null;
    const level = levelOfWord(word);
    if (level === 'UNKNOWN') fields.level = word;
    return { timestamp, level, message, fields };
  },
};
