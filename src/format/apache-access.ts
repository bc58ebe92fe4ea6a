import { type AccessDialect, parseAccess, putText } from './access-log.ts';
import { apacheEscapes } from './escape.ts';
import type { Format } from './format.ts';

/** One duration of `%D`, or of `%{UNIT}T` where the format has its unit written behind it. */
const duration = /^(?:D=(\d{1,15})|(\d{1,15})(us|ms|s))$/;
const unitMs: Record<string, number> = { us: 1e-3, ms: 1, s: 1000 };

/** `%T` and `%D`: whole seconds, and microseconds that begin with as many. */
const agree = (seconds: string, microseconds: string): boolean =>
  /^\d{1,9}$/.test(seconds) &&
  /^\d{1,15}$/.test(microseconds) &&
  Math.floor(Number(microseconds) / 1e6) === Number(seconds);

const dialect: AccessDialect = {
  putHead(fields, raw, end) {
    const firstEnd = raw.indexOf(' ');
    const secondEnd = raw.indexOf(' ', firstEnd + 1);
    // "shop.example:80 203.0.113.7 - ann", for where there is no identity the second word is the hyphen.
    const hasServer = !raw.startsWith(' - ', firstEnd) && raw.startsWith(' - ', secondEnd) && secondEnd + 2 < end;
    const addressEnd = hasServer ? secondEnd : firstEnd;
    const identityEnd = raw.indexOf(' ', addressEnd + 1);
    if (firstEnd < 1 || identityEnd < addressEnd + 2 || identityEnd >= end) return false;
    if (hasServer) fields.server = raw.slice(0, firstEnd);
    putText(fields, 'remoteAddress', raw.slice(hasServer ? firstEnd + 1 : 0, addressEnd), apacheEscapes);
    putText(fields, 'identity', raw.slice(addressEnd + 1, identityEnd), apacheEscapes);
    putText(fields, 'user', raw.slice(identityEnd + 1, end), apacheEscapes);
    return true;
  },
  escapes: apacheEscapes,
  // A number alone may be seconds, microseconds or bytes, so it does not count.
  takeDuration(words) {
    for (const [index, word] of words.entries()) {
      const [, labelled, value, unit = 'us'] = duration.exec(word) ?? [];
      const found = labelled ?? value;
      if (found !== undefined) {
        words.splice(index, 1);
        return Number(found) * (unitMs[unit] ?? 0);
      }
      const slash = word.indexOf('/');
      const [seconds, microseconds = '', count] =
        slash < 0 ? [word, words[index + 1], 2] : [word.slice(0, slash), word.slice(slash + 1), 1];
      if (agree(seconds, microseconds)) {
        words.splice(index, count);
        return Number(microseconds) / 1000;
      }
    }
    return null;
  },
};

/**
 * The access log of Apache: `common`, `combined` and `vhost_combined`, also with more behind them, of which the time a
 * request took (`durationMs`) has a name where it can be told: `%T/%D`, `%T %D`, `D=%D`, or with its unit (`%{ms}Tms`).
 * See https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
 */
export const APACHE_ACCESS: Format = {
  name: 'APACHE_ACCESS',
  parse: (raw) => parseAccess(raw, dialect),
};
