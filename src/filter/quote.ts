const keywords = new Set(['AND', 'OR', 'NOT']);
const word = /^[\p{L}\p{N}_][\p{L}\p{N}_./@-]*$/u;
/** Not one that makes `status://` of a name, which is read as the beginning of a URL. */
const value = /^(?!\/\/)[\p{L}\p{N}_./@-]+$/u;
const name = /^[\p{L}_@$](?:[\p{L}\p{N}_.@$-]*[\p{L}\p{N}_$])?$/u;

/** Names that mean something else when they are not quoted; see comparison.ts. */
const aliases = new Set(['after', 'before']);

const quoted = (text: string, quote: string): string =>
  quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;

/** The number that a text is, when it is written as numbers are; null for any other text. */
export const plainNumber = (text: string): number | null => (String(Number(text)) === text ? finite(text) : null);

const numeric = /^[+-]?\d{1,100}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,3})?$/;

/** The number that a text is, also one like 007, +1.50 or 1e3; null for any other text, and beyond a double. */
export const numberOf = (text: string): number | null => (numeric.test(text) ? finite(text) : null);

const finite = (text: string): number | null => (Number.isFinite(Number(text)) ? Number(text) : null);

/** A text that is searched for, in any case of letters. */
export const printWord = (text: string): string => (word.test(text) && !keywords.has(text) ? text : quoted(text, '"'));

/** A text that is searched for in this very case. */
export const printExact = (text: string): string => quoted(text, "'");

/** The name of a field. */
export const printName = (path: string): string => (name.test(path) && !aliases.has(path) ? path : quoted(path, '"'));

/** A text to compare the value of a field with. */
export const printText = (text: string): string => (value.test(text) && !keywords.has(text) ? text : quoted(text, '"'));

/** A value to compare that of a field with: only a text that could be taken for something else is quoted. */
export const printScalar = (scalar: string | number | boolean): string => {
  if (typeof scalar !== 'string') return String(scalar);
  return typeof scalarOf(scalar) === 'string' ? printText(scalar) : quoted(scalar, '"');
};

/** What stands without quotes: a number, true, false, or a text. */
export const scalarOf = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  return plainNumber(text) ?? text;
};

/** Several values, or the only one. */
export const printList = (values: readonly string[]): string => {
  const [first, ...others] = values;
  return first !== undefined && others.length === 0 ? first : `(${values.join(', ')})`;
};
