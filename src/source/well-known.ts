import { accessSync, constants, statSync } from 'node:fs';
import type { SourceConfig } from '../config.ts';

type Place = Required<Pick<SourceConfig, 'path' | 'name'>> & Pick<SourceConfig, 'format'>;

/**
 * Logs that servers write where no configuration is needed to find them (Debian, Red Hat, Alpine and their kin). The
 * format is said where servers write no other, and where the content does not tell: access logs of Apache look like
 * those of nginx.
 */
const places: Place[] = [
  { name: 'nginx/access', path: '/var/log/nginx/access.log' },
  { name: 'nginx/error', path: '/var/log/nginx/error.log', format: 'NGINX_ERROR' },
  { name: 'apache/access', path: '/var/log/apache2/access.log', format: 'APACHE_ACCESS' },
  { name: 'apache/error', path: '/var/log/apache2/error.log', format: 'APACHE_ERROR' },
  { name: 'apache/vhosts', path: '/var/log/apache2/other_vhosts_access.log', format: 'APACHE_ACCESS' },
  { name: 'httpd/access', path: '/var/log/httpd/access_log', format: 'APACHE_ACCESS' },
  { name: 'httpd/error', path: '/var/log/httpd/error_log', format: 'APACHE_ERROR' },
  { name: 'php-fpm', path: '/var/log/php-fpm.log', format: 'PHP_FPM' },
  { name: 'php-fpm/error', path: '/var/log/php-fpm/error.log', format: 'PHP_FPM' },
  ...['7.4', '8.0', '8.1', '8.2', '8.3', '8.4', '8.5'].map((version) => ({
    name: `php${version}-fpm`,
    path: `/var/log/php${version}-fpm.log`,
    format: 'PHP_FPM' as const,
  })),
  { name: 'mysql/error', path: '/var/log/mysql/error.log', format: 'MYSQL_ERROR' },
  { name: 'mysql/slow', path: '/var/log/mysql/mysql-slow.log', format: 'MYSQL_SLOW' },
  { name: 'mysqld', path: '/var/log/mysqld.log', format: 'MYSQL_ERROR' },
  { name: 'mariadb/slow', path: '/var/log/mysql/mariadb-slow.log', format: 'MYSQL_SLOW' },
  { name: 'mariadb', path: '/var/log/mariadb/mariadb.log', format: 'MYSQL_ERROR' },
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
