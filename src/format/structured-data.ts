import type { JsonObject } from '../entry.ts';

/** STRUCTURED-DATA found in a syslog message. */
export interface StructuredData {
  /** Parameters by name, by the id of their element. */
  elements: JsonObject;
  /** Where the text after it begins. */
  end: number;
}

/** SD-NAME at `at`, at most 32 characters; empty if there is none. */
const nameAt = (text: string, at: number): string => {
  let end = at;
  while (end < text.length && end < at + 32 && !' =]"'.includes(text.charAt(end))) end++;
  return text.slice(at, end);
};

const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\(["\\\]])/g, '$1') : text);

/** A parameter's value from its opening quote on, with `\"`, `\\` and `\]` undone; null without a closing quote. */
const valueAt = (text: string, at: number): { value: string; end: number } | null => {
  if (text[at] !== '"') return null;
  for (let index = at + 1; index < text.length; index++) {
    const char = text[index];
    if (char === '"') return { value: unescaped(text.slice(at + 1, index)), end: index + 1 };
    if (char === '\\') index++;
  }
  return null;
};

/** The sender chooses the names, and none of them must reach a prototype. */
const put = (object: JsonObject, name: string, value: JsonObject | string): void => {
  if (name !== '__proto__') object[name] = value;
};

/**
 * Reads STRUCTURED-DATA at `at`: `-`, or `[id name="value" ...]` once or more without anything between. Null when it
 * is malformed. See RFC 5424, section 6.3.
 */
export const structuredDataAt = (text: string, at: number): StructuredData | null => {
  const elements: JsonObject = {};
  if (text[at] === '-') return { elements, end: at + 1 };
  let end = at;
  while (text[end] === '[') {
    const id = nameAt(text, end + 1);
    if (id === '') return null;
    const parameters: JsonObject = {};
    end += 1 + id.length;
    while (text[end] === ' ') {
      const name = nameAt(text, end + 1);
      const equals = end + 1 + name.length;
      const found = name !== '' && text[equals] === '=' ? valueAt(text, equals + 1) : null;
      if (found === null) return null;
      put(parameters, name, found.value);
      end = found.end;
    }
    if (text[end] !== ']') return null;
    put(elements, id, parameters);
    end += 1;
  }
  return end === at ? null : { elements, end };
};
