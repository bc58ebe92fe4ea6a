import { type AccessDialect, parseAccess, putText } from './access-log.ts';
import { nginxEscapes } from './escape.ts';
import type { Format } from './format.ts';
import { durationAt, millisecondsOf } from './nginx-duration.ts';
import { NginxGlance } from './nginx-glance.ts';

const dialect: AccessDialect = {
  putHead(fields, raw, end) {
    const addressEnd = raw.indexOf(' ');
    if (addressEnd < 1 || !raw.startsWith(' - ', addressEnd) || end < addressEnd + 3) return false;
    putText(fields, 'remoteAddress', raw.slice(0, addressEnd), nginxEscapes);
    putText(fields, 'user', raw.slice(addressEnd + 3, end), nginxEscapes);
    return true;
  },
  escapes: nginxEscapes,
  takeDuration(words) {
    const at = durationAt(words);
    if (at < 0) return null;
    const [word = ''] = words.splice(at, 1);
    return millisecondsOf(word);
  },
};

/**
 * The access log of nginx: the Common Log Format, `combined`, or `combined` with more behind it, of which the address
 * in quotes that a proxy forwards and the time a request took (`durationMs`) have names.
 * See https://nginx.org/en/docs/http/ngx_http_log_module.html
 */
export const NGINX_ACCESS: Format = {
  name: 'NGINX_ACCESS',
  parse: (raw) => parseAccess(raw, dialect),
  glance: () => new NginxGlance(),
};
