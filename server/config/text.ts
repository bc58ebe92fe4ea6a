import { parse } from 'yaml';
import type { ValueSchema } from './key.ts';

/** Commas that separate; those within braces belong to a glob. */
const separators = /,(?![^{]*\})/;

/**
 * The value that a flag or environment variable means. A text that does not fit is returned as it is, so that
 * checking it tells what is expected instead.
 *
 * A list is separated by commas, or is a YAML list. An item that is a mapping with one required name may be written
 * as that alone. Throws YAMLParseError.
 */
export function valueFrom(text: string, schema: ValueSchema): unknown {
  if (schema.type === 'integer') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (schema.type !== 'array') return text;
  const list: unknown = /^\s*(\[|- )/.test(text)
    ? parse(text, { logLevel: 'error' })
    : text.split(separators).map((item) => item.trim());
  const item = typeof schema.items === 'object' && !Array.isArray(schema.items) ? schema.items : {};
  const [required] = item.required ?? [];
  if (required === undefined || !Array.isArray(list)) return list;
  return list.map((value: unknown) => (typeof value === 'string' ? { [required]: value } : value));
}
