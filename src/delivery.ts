import type { InputProblem } from './errors.ts';
import type { LagPolicy } from './lane-event.ts';

/** How a tail puts entries into events. */
export interface Delivery {
  /** Most entries in one event. */
  maxBatch: number;
  /** Longest time (ms) that entries wait to be delivered together; the first after a pause waits for nothing. */
  maxLatencyMs: number;
  onLag: LagPolicy;
}

/** A batch is one message, held in memory while it is sent; entries that wait longer are not live any more. */
const bounds = { maxBatch: [1, 1000], maxLatencyMs: [0, 5000] } as const;

export function deliveryProblems(delivery: Delivery): InputProblem[] {
  return (['maxBatch', 'maxLatencyMs'] as const).flatMap((name) => {
    const [least, most] = bounds[name];
    if (delivery[name] >= least && delivery[name] <= most) return [];
    const message = `"${name}" must be from ${least} to ${most}, not ${delivery[name]}.`;
    return [{ path: ['delivery', name], message, code: 'OUT_OF_RANGE' }];
  });
}
