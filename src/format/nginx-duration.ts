/** `$request_time` as it often stands at the end of a line: seconds with three decimals, by itself or with its name. */
const pattern = /^(?:rt=|request_time=)?\d{1,9}\.\d{3}$/;

/** Where among words the time is that a request took; -1: nowhere. */
export const durationAt = (words: readonly string[]): number => words.findIndex((word) => pattern.test(word));

/** Milliseconds that such a word says. */
export const millisecondsOf = (word: string): number => Math.round(Number(word.slice(word.indexOf('=') + 1)) * 1000);
