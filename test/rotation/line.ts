/** Line `number` of a log, without its newline: of a length and text of its own, so that a torn one is told. */
export const lineOf = (log: string, number: number): string => `${log} ${number} ${'.'.repeat(number % 61)};`;

/** The number of a line of that log; throws when the line is not as it was written. */
export function numberOf(log: string, line: string): number {
  const number = Number(line.split(' ')[1]);
  if (line !== lineOf(log, number)) throw new Error(`Not a line of "${log}": ${JSON.stringify(line)}`);
  return number;
}
