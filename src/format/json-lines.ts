import type { JsonObject } from '../entry.ts';
import type { Format } from './format.ts';
import { parseObject, timeOfJson } from './json.ts';
import { levelOfJson } from './level.ts';

// The names that common loggers use; the last of each list is what `journalctl -o json` writes. The first key that
// holds what is looked for counts.
const timeKeys = [
  'timestamp',
  'time',
  '@timestamp',
  'ts',
  '@t',
  'asctime',
  'datetime',
  'date',
  'created',
  '__REALTIME_TIMESTAMP',
];
const levelKeys = ['level', 'severity', 'levelname', 'log.level', 'level_name', 'lvl', 'loglevel', '@l', 'PRIORITY'];
const messageKeys = ['message', 'msg', 'short_message', '@m', '@mt', 'event', 'log', 'MESSAGE'];

/** The text a person reads; what Docker stores under `log` still has its line end. */
const messageIn = (record: JsonObject, key: string): string => {
  const text = String(record[key]);
  return text.endsWith('\n') ? text.slice(0, -1) : text;
};

/**
 * One JSON object per line, as pino, bunyan, winston, structlog, the Python JSON loggers, GELF, Docker and journald
 * write them. Time, level and message are taken out; every other key is a field, as it stands.
 */
export const JSON_LINES: Format = {
  name: 'JSON_LINES',
  parse(raw, context) {
    const record = parseObject(raw);
    if (record === null) return null;
    const timeKey = timeKeys.find((key) => timeOfJson(record[key], context) !== null);
    const levelKey = levelKeys.find((key) => levelOfJson(record[key]) !== 'UNKNOWN');
    const messageKey = messageKeys.find((key) => typeof record[key] === 'string' || typeof record[key] === 'number');
    const fields: JsonObject = {};
    for (const key of Object.keys(record)) {
      if (key !== timeKey && key !== levelKey && key !== messageKey) fields[key] = record[key] ?? null;
    }
    return {
      timestamp: timeKey === undefined ? null : timeOfJson(record[timeKey], context),
      level: levelKey === undefined ? 'UNKNOWN' : levelOfJson(record[levelKey]),
      message: messageKey === undefined ? raw : messageIn(record, messageKey),
      fields,
    };
  },
};
