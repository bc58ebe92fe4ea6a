/** What a reader was told, in order: the number of a line, or that some may be missing here. */
export type Told = number | { loss: string };

/** How what was told differs from what was written; all empty when nothing was lost, repeated or moved. */
export interface Account {
  /** Numbers of lines that never came, where the reader was not told of a loss. */
  missing: string[];
  /** Those that did not come where it was. */
  lost: string[];
  repeated: number[];
  /** Lines that came after a later one. */
  disordered: number[];
  losses: string[];
}

/** `written` lines were written, numbered from 0. */
export function account(told: Told[], written: number): Account {
  const result: Account = { missing: [], lost: [], repeated: [], disordered: [], losses: [] };
  const seen = new Set<number>();
  let next = 0;
  let warned = false;
  const pass = (number: number) => {
    if (number > next) (warned ? result.lost : result.missing).push(`${next} to ${number - 1}`);
  };
  for (const item of told) {
    if (typeof item !== 'number') {
      result.losses.push(item.loss);
      warned = true;
    } else if (seen.has(item)) result.repeated.push(item);
    else if (item < next) result.disordered.push(item);
    else {
      pass(item);
      next = item + 1;
      warned = false;
    }
    if (typeof item === 'number') seen.add(item);
  }
  pass(written);
  return result;
}

/** The account of a reader that got every line once and in order, and was told of no loss. */
export const nothingLost: Account = { missing: [], lost: [], repeated: [], disordered: [], losses: [] };
