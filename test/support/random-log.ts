import fc from 'fast-check';
import type { FilterInput } from '../../src/filter/input.ts';
import type { FormatName } from '../../src/format/registry.ts';

/** Text and records of a log that somebody might have written. */
export interface RandomLog {
  format: FormatName;
  records: string[];
}

const words = ['timeout', 'Error', 'café', 'K', 'GET', '/api/users', 'disk', '日本', 'x=1', '"quoted"', 'needle'];
const word = fc.constantFrom(...words);
const text = fc.array(word, { minLength: 1, maxLength: 6 }).map((some) => some.join(' '));

/** Where the time of all logs begins; ms since 1970, UTC. */
const start = Date.UTC(2026, 10, 21, 10, 50);

/** Seconds from one record to the next, also back a little: several processes write one log. */
const steps = fc.array(fc.integer({ min: -2, max: 9 }), { minLength: 1, maxLength: 120 });

interface Moment {
  iso: string;
  clf: string;
  php: string;
}

const momentOf = (seconds: number): Moment => {
  const iso = new Date(start + seconds * 1000).toISOString();
  return {
    iso,
    clf: `21/Nov/2026:${iso.slice(11, 19)} +0000`,
    php: `21-Nov-2026 ${iso.slice(11, 19)} UTC`,
  };
};

/** Whether a record says when it happened; `long`: it does not, and is about as long as what is looked back over for a time. */
const timing = fc.oneof(
  { weight: 60, arbitrary: fc.constant('timed') },
  { weight: 60, arbitrary: fc.constant('untimed') },
  { weight: 1, arbitrary: fc.constant('long') },
);

/** How a record of each format is written; one in some has no time. */
const writers: {
  [Format in 'NGINX_ACCESS' | 'JSON_LINES' | 'PHP_FPM' | 'TEXT']: (moment: Moment) => fc.Arbitrary<string>;
} = {
  NGINX_ACCESS: ({ clf }) =>
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(fc.constantFrom(200, 301, 404, 500, 503), text, fc.constantFrom('-', 'bob'))
          .map(
            ([status, agent, user]) =>
              `10.0.0.1 - ${user} [${clf}] "GET /${encodeURIComponent(agent)} HTTP/1.1" ${status} 17 "-" "${agent.replaceAll('"', '\\x22')}"`,
          ),
      },
      { weight: 1, arbitrary: text },
    ),
  JSON_LINES: ({ iso }) =>
    fc
      .tuple(fc.constantFrom('info', 'warn', 'error', 'odd'), text, fc.integer({ min: 0, max: 9 }), timing)
      .map(([level, msg, count, kind]) =>
        JSON.stringify({
          ...(kind === 'timed' ? { time: iso } : {}),
          ...{ level, msg, count },
          ...(kind === 'long' ? { pad: 'x'.repeat(1024 * 1024 - 200) } : {}),
        }),
      ),
  PHP_FPM: ({ php }) =>
    fc
      .tuple(fc.constantFrom('Notice', 'Warning', 'Fatal error'), text, fc.array(text, { maxLength: 4 }))
      .map(([kind, message, frames]) =>
        [`[${php}] PHP ${kind}:  ${message}`, ...frames.map((frame, index) => `#${index} ${frame}`)].join('\n'),
      ),
  TEXT: ({ iso }) =>
    fc
      .tuple(fc.constantFrom('INFO', 'WARN', 'ERROR'), text, fc.integer({ min: 0, max: 5 }))
      .map(([level, message, odd]) => `${iso} ${level} ${message}${odd === 0 ? `\n  at ${message}` : ''}`),
};

export const logLines: fc.Arbitrary<RandomLog> = fc
  .tuple(fc.constantFrom('NGINX_ACCESS', 'JSON_LINES', 'PHP_FPM', 'TEXT'), steps)
  .chain(([format, seconds]) => {
    let at = 0;
    const moments = seconds.map((step) => {
      at += step;
      return momentOf(Math.max(at, 0));
    });
    // How text is written is told from its first lines, for good from 20 of them on; some of the log is written later.
    const before = format === 'TEXT' ? Array.from({ length: 40 }, () => `${momentOf(0).iso} INFO begin`) : [];
    return fc
      .tuple(...moments.map((moment) => writers[format](moment)))
      .map((records) => ({ format, records: [...before, ...records] }));
  });

const moment = fc.integer({ min: -10, max: 600 }).map((seconds) => start + seconds * 1000);

const simple: fc.Arbitrary<FilterInput> = fc.oneof(
  fc.tuple(word, fc.boolean()).map(([contains, caseSensitive]) => ({ contains, caseSensitive })),
  fc.constantFrom<FilterInput>(
    { levels: ['ERROR', 'UNKNOWN'] },
    { minLevel: 'WARN' },
    { matches: '(?i)time.ut|disk' },
    { fields: [{ path: 'status', gte: 500 }] },
    { fields: [{ path: 'count', lt: 4 }] },
    { query: 'error OR -level>=warn' },
    { query: 'status>=400 /20$/' },
    {},
  ),
  fc.tuple(moment, moment, fc.constantFrom('from', 'to', 'both')).map(([a, b, which]) => ({
    from: which === 'to' ? null : Math.min(a, b),
    to: which === 'from' ? null : Math.max(a, b),
  })),
);

/** Filters that logs like these often fulfil. */
export const someFilter: fc.Arbitrary<FilterInput> = fc.oneof(
  simple,
  fc.tuple(simple, simple).map(([a, b]) => ({ ...a, and: [b] })),
  fc.tuple(simple, simple).map(([a, b]) => ({ or: [a, b] })),
  fc.tuple(simple, simple).map(([a, b]) => ({ ...a, not: b })),
);
