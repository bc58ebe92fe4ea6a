import { closeSync, openSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

const paths = ['/', '/index.html', '/api/orders', '/api/orders/17/items', '/static/app.js', '/images/logo.png'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'curl/8.14.1',
];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const requestsPerSecond = 500;

/** When the first request was made; ms since 1970, UTC. */
export const logStart = Date.UTC(2026, 0, 1);

/**
 * Writes an access log in nginx's "combined" format, every line another, of about `bytes` bytes. Gives how many lines.
 * https://nginx.org/en/docs/http/ngx_http_log_module.html
 */
export async function writeAccessLog(file: string, bytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  if (bavail * bsize < bytes * 1.2) throw new Error(`The disk has no room for ${bytes} bytes in ${dirname(file)}.`);
  const fd = openSync(file, 'wx');
  const start = logStart / 1000;
  let second = 0;
  for (let written = 0; written < bytes; second++) {
    written += writeSync(fd, secondOf(start + second, second * requestsPerSecond));
  }
  closeSync(fd);
  return second * requestsPerSecond;
}

/** The requests of one second (since 1970, UTC), counted from `first`. */
function secondOf(second: number, first: number): string {
  const date = new Date(second * 1000);
  const day = `${String(date.getUTCDate()).padStart(2, '0')}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const time = `[${day}:${date.toISOString().slice(11, 19)} +0000]`;
  let lines = '';
  for (let n = first; n < first + requestsPerSecond; n++) {
    const path = `${paths[(n * 7) % paths.length]}?request=${n}`;
    const status = n % 97 === 0 ? 500 : n % 31 === 0 ? 404 : 200;
    const address = `10.${n % 7}.${(n >> 8) % 256}.${n % 256}`;
    lines += `${address} - - ${time} "GET ${path} HTTP/1.1" ${status} ${(n * 37) % 50_000} "-" "${agents[n % 3]}"\n`;
  }
  return lines;
}
