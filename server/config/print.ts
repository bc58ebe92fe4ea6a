import { stringify } from 'yaml';
import { redact } from '../redact.ts';
import { jsonSchema, type Key, keysOf } from './key.ts';
import type { LoadedConfig } from './load.ts';
import { valueAt } from './tree.ts';

function shown(value: unknown, { schema }: Key): unknown {
  if (schema.secrecy === 'whole') return '***';
  return schema.secrecy === 'credentials' && typeof value === 'string' ? redact(value) : value;
}

/** One key: its value, or why there is none, and where it comes from. */
function linesOf(value: unknown, key: Key, origin: string): string[] {
  const name = key.path.at(-1);
  if (value === undefined) return [`# ${name} is not set. ${key.schema.description}`];
  const isBlock = Array.isArray(value) && value.some((item) => typeof item === 'object');
  const options = { lineWidth: 0, blockQuote: false, collectionStyle: isBlock ? 'block' : 'flow' } as const;
  const text = stringify(shown(value, key), options).trimEnd();
  return isBlock ? [`${name}: # ${origin}`, ...text.split('\n')] : [`${name}: ${text} # ${origin}`];
}

/** The configuration in effect, as YAML; a comment beside each value says where it comes from. Secrets are `***`. */
export function printConfig({ config, origins }: LoadedConfig): string {
  const lines: string[] = [];
  let section = '';
  for (const key of keysOf(jsonSchema())) {
    const keySection = key.path.slice(0, -1).join('.');
    if (keySection !== section && keySection !== '') lines.push(`${keySection}:`);
    section = keySection;
    const indent = section === '' ? '' : '  ';
    const origin = origins.get(key.name) ?? 'default';
    lines.push(...linesOf(valueAt(config, key.path), key, origin).map((line) => indent + line));
  }
  return `${lines.join('\n')}\n`;
}
