import type { Parsed } from '../entry.ts';
import { APACHE_ACCESS } from './apache-access.ts';
import { APACHE_ERROR } from './apache-error.ts';
import { AUDIT_LOG } from './audit-log.ts';
import type { Format, ParseContext } from './format.ts';
import type { HeaderLayout } from './header-layout.ts';
import { JAVA } from './java.ts';
import { JSON_LINES } from './json-lines.ts';
import { LOGFMT } from './logfmt.ts';
import { MYSQL_ERROR } from './mysql-error.ts';
import { MYSQL_SLOW } from './mysql-slow.ts';
import { NGINX_ACCESS } from './nginx-access.ts';
import { NGINX_ERROR } from './nginx-error.ts';
import { PHP_FPM } from './php-fpm.ts';
import { PYTHON } from './python.ts';
import { SYSLOG } from './syslog.ts';
import { SYSTEM_LOG } from './system-log.ts';
import { TEXT, textOf } from './text.ts';

/** The names in configuration and API. UNKNOWN: nobody said and the content does not tell; shown as text. */
export const formatNames = [
  'NGINX_ACCESS',
  'NGINX_ERROR',
  'APACHE_ACCESS',
  'APACHE_ERROR',
  'PHP_FPM',
  'MYSQL_ERROR',
  'MYSQL_SLOW',
  'SYSLOG',
  'JSON_LINES',
  'LOGFMT',
  'PYTHON',
  'JAVA',
  'SYSTEM_LOG',
  'AUDIT_LOG',
  'TEXT',
  'UNKNOWN',
] as const;
export type FormatName = (typeof formatNames)[number];

export const formats: { readonly [Name in FormatName]: Format } = {
  NGINX_ACCESS,
  NGINX_ERROR,
  APACHE_ACCESS,
  APACHE_ERROR,
  PHP_FPM,
  MYSQL_ERROR,
  MYSQL_SLOW,
  SYSLOG,
  JSON_LINES,
  LOGFMT,
  PYTHON,
  JAVA,
  SYSTEM_LOG,
  AUDIT_LOG,
  TEXT,
  UNKNOWN: { ...TEXT, name: 'UNKNOWN' },
};

/** @param layout of the headers of a TEXT log, where one was learned */
export const formatOf = (name: FormatName, layout: HeaderLayout | null = null): Format =>
  name === 'TEXT' && layout !== null ? textOf(layout) : formats[name];

/** What is said of a record that is not of its log's format. */
export const plain = (raw: string): Parsed => ({ timestamp: null, level: 'UNKNOWN', message: raw, fields: {} });

/** How the records of a log are understood. */
export interface Reading {
  format: Format;
  parse: ParseContext;
}

/** What a record says. */
export const understood = (raw: string, { format, parse }: Reading): Parsed => format.parse(raw, parse) ?? plain(raw);
