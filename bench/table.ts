import type { Row } from './bench.ts';

/** Rows as text, a column for each figure that any of them has; numbers to the right. */
export function table(rows: Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => {
    const cells = rows.map((row) => row[name]);
    const width = Math.max(name.length, ...cells.map((cell) => String(cell ?? '').length));
    const isNumeric = cells.every((cell) => typeof cell !== 'string');
    return { name, cells, pad: (text: string) => (isNumeric ? text.padStart(width) : text.padEnd(width)) };
  });
  const lines = [
    columns.map(({ name, pad }) => pad(name)),
    columns.map(({ pad }) => pad('').replaceAll(' ', '-')),
    ...rows.map((_, index) => columns.map(({ cells, pad }) => pad(String(cells[index] ?? '')))),
  ];
  return lines.map((cells) => cells.join('  ').trimEnd()).join('\n');
}
