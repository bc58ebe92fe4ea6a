import { z } from 'zod';
import { entryOf } from './entry.ts';

/** What a server that Tailql is compared with is told: how far it may publish, and in which steps. */
const order = z.object({ run: z.string(), batch: z.int(), upTo: z.int() });

export type Entries = ReturnType<typeof entryOf>[];

/** Publishes entries as its parent process allows, and tells it the port to connect to. */
export function publishAsTold(port: number, publish: (entries: Entries) => void): void {
  let state = { run: '', batch: 1, upTo: 0 };
  let next = 0;
  let isPublishing = false;
  const go = () => {
    isPublishing = next < state.upTo;
    if (!isPublishing) return;
    const { run, batch } = state;
    publish(Array.from({ length: batch }, (_, index) => entryOf(run, next + index)));
    next += batch;
    // So that what was published is sent before the next is.
    setImmediate(go);
  };
  process.on('message', (message) => {
    const told = order.parse(message);
    if (told.run !== state.run) next = 0;
    state = told;
    if (!isPublishing) go();
  });
  process.send?.(port);
}
