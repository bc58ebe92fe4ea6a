import { setTimeout as sleep } from 'node:timers/promises';

/** Calls at a steady pace, whether or not those before have been answered: a server that stalls is not spared. */
export async function atPace(everyMs: number, until: () => boolean, call: () => Promise<void>): Promise<void> {
  const calls: Promise<void>[] = [];
  const started = performance.now();
  for (let number = 1; !until(); number++) {
    calls.push(call());
    await sleep(Math.max(started + number * everyMs - performance.now(), 0));
  }
  await Promise.all(calls);
}
