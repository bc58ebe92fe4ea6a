import { AUDIT_LOG } from './audit-log.ts';
import type { Format } from './format.ts';
import { JSON_LINES } from './json-lines.ts';
import { NGINX_ACCESS } from './nginx-access.ts';
import { SYSLOG } from './syslog.ts';
import { SYSTEM_LOG } from './system-log.ts';
import { TEXT } from './text.ts';

/** The names in configuration and API. UNKNOWN: nobody said and the content does not tell; shown as text. */
export const formatNames = [
  'NGINX_ACCESS',
  'SYSLOG',
  'JSON_LINES',
  'SYSTEM_LOG',
  'AUDIT_LOG',
  'TEXT',
  'UNKNOWN',
] as const;
export type FormatName = (typeof formatNames)[number];

export const formats: { readonly [Name in FormatName]: Format } = {
  NGINX_ACCESS,
  SYSLOG,
  JSON_LINES,
  SYSTEM_LOG,
  AUDIT_LOG,
  TEXT,
  UNKNOWN: { ...TEXT, name: 'UNKNOWN' },
};

export const formatOf = (name: FormatName): Format => formats[name];
