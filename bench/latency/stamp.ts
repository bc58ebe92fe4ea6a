/** Nanoseconds of the clock that all processes of a Linux machine share: CLOCK_MONOTONIC. */
export const now = (): bigint => process.hrtime.bigint();

/** A log line that says which it is and when it was written. `run` tells the lines of one round from the others. */
export function stampedLine(run: string, number: number): string {
  const message = `order ${run}:${number}@${now()} accepted after 3 checks`;
  return `${JSON.stringify({ timestamp: new Date().toISOString(), level: 'INFO', message })}\n`;
}

/** The number and time (ns) of each line of a round in what a subscriber received, whatever is around them. */
export function* stampsIn(run: string, text: string): Generator<{ number: number; writtenAt: bigint }> {
  for (const [, number, writtenAt] of text.matchAll(new RegExp(`order ${run}:(\\d+)@(\\d+) `, 'g'))) {
    if (number !== undefined && writtenAt !== undefined) yield { number: Number(number), writtenAt: BigInt(writtenAt) };
  }
}
