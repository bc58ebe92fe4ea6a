import type { Format } from './format.ts';

/**
 * The records that lines make, in their order: each line that does not begin one is joined to that before it. Lines
 * before the first beginning are a record, whose own beginning is not among the lines.
 */
export const recordsOf = (lines: readonly string[], { begins }: Format): readonly string[] => {
  if (begins === undefined) return lines;
  const records: string[][] = [];
  for (const [index, line] of lines.entries()) {
    const last = records.at(-1);
    if (last === undefined || begins(line, lines[index - 1])) records.push([line]);
    else last.push(line);
  }
  return records.map((parts) => parts.join('\n'));
};
