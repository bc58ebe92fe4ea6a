import { Matching } from './matching.ts';
import type { TextTask } from './piece.ts';

/** The text of records, each as written and with a newline after it; UTF-8. */
export const textOf = (records: { raw: string }[]): Buffer =>
  Buffer.from(records.map(({ raw }) => `${raw}\n`).join(''));

/** The text of the records of a piece that fulfil a filter. */
export async function writtenText(task: TextTask): Promise<Uint8Array> {
  const portions: Buffer[] = [];
  for await (const records of new Matching(task, false).records()) portions.push(textOf(records));
  return Buffer.concat(portions);
}
