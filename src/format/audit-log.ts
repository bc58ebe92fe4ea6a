import type { Format } from './format.ts';
import { isTextOrNone, parseObject, timeOfJson } from './json.ts';
import { levelOfWord } from './level.ts';

/**
 * What an application logs for whoever has to account for it: one JSON object per line with `timestamp`, `level`,
 * `message` and `action`, usually also `logger` and `metadata`. Other keys are fields of their own. A level of another
 * name stays among the fields.
 */
export const AUDIT_LOG: Format = {
  name: 'AUDIT_LOG',
  parse(raw, context) {
    const record = parseObject(raw);
    if (record === null) return null;
    const { timestamp: written, level: word, message, ...fields } = record;
    const timestamp = timeOfJson(written, context);
    if (timestamp === null || typeof word !== 'string' || typeof message !== 'string') return null;
    if (typeof fields.action !== 'string' || !isTextOrNone(fields.logger)) return null;
    const level = levelOfWord(word);
    if (level === 'UNKNOWN') fields.level = word;
    return { timestamp, level, message, fields };
  },
};
