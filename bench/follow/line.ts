/** A line of the stress, as a reader gave it. */
export interface StressLine {
  /** Name of the file that it was written to. */
  file: string;
  /** Which stretch of writing it belongs to. */
  stretch: string;
  /** Which line of its file and stretch, from 0. */
  number: number;
  /** Nanoseconds of CLOCK_MONOTONIC, just before the write. */
  writtenAt: bigint;
}

/** What `stampedLine` takes for its round. */
export const roundOf = (file: string, stretch: string): string => `${file}-${stretch}`;

/** A line that was written, whole; null for anything else, such as half a line. */
export function readLine(text: string): StressLine | null {
  const found = /^\{"timestamp":.*order ([^-:]+)-([^-:]+):(\d+)@(\d+) accepted after 3 checks"\}$/.exec(text);
  const [, file, stretch, number, writtenAt] = found ?? [];
  if (file === undefined || stretch === undefined || writtenAt === undefined) return null;
  return { file, stretch, number: Number(number), writtenAt: BigInt(writtenAt) };
}
