import { accessSync, constants, statSync } from 'node:fs';
import type { SourceConfig } from '../config.ts';

/** Logs that servers write where no configuration is needed to find them (Debian, Red Hat, Alpine and their kin). */
const places: Required<Pick<SourceConfig, 'path' | 'name'>>[] = [
  { name: 'nginx/access', path: '/var/log/nginx/access.log' },
  { name: 'nginx/error', path: '/var/log/nginx/error.log' },
  { name: 'apache/access', path: '/var/log/apache2/access.log' },
  { name: 'apache/error', path: '/var/log/apache2/error.log' },
  { name: 'apache/vhosts', path: '/var/log/apache2/other_vhosts_access.log' },
  { name: 'httpd/access', path: '/var/log/httpd/access_log' },
  { name: 'httpd/error', path: '/var/log/httpd/error_log' },
  { name: 'php-fpm', path: '/var/log/php-fpm.log' },
  { name: 'php-fpm/error', path: '/var/log/php-fpm/error.log' },
  ...['7.4', '8.0', '8.1', '8.2', '8.3', '8.4', '8.5'].map((version) => ({
    name: `php${version}-fpm`,
    path: `/var/log/php${version}-fpm.log`,
  })),
  { name: 'mysql/error', path: '/var/log/mysql/error.log' },
  { name: 'mysql/slow', path: '/var/log/mysql/mysql-slow.log' },
  { name: 'mysqld', path: '/var/log/mysqld.log' },
  { name: 'mariadb/slow', path: '/var/log/mysql/mariadb-slow.log' },
  { name: 'mariadb', path: '/var/log/mariadb/mariadb.log' },
  { name: 'syslog', path: '/var/log/syslog' },
  { name: 'messages', path: '/var/log/messages' },
  { name: 'auth', path: '/var/log/auth.log' },
  { name: 'secure', path: '/var/log/secure' },
  { name: 'kern', path: '/var/log/kern.log' },
  { name: 'dpkg', path: '/var/log/dpkg.log' },
];

/** The well-known logs that exist on this machine and that the server may read. */
export function wellKnownLogs(): SourceConfig[] {
  return places.filter(({ path }) => {
    try {
      accessSync(path, constants.R_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}
