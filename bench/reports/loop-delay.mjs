// Read before the program that is measured: writes once a second how long (ms) its event loop was kept from going on at
// most, into the file that BENCH_LOOP_DELAY names. SIGUSR2 begins anew.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const resolution = 2;
const file = process.env.BENCH_LOOP_DELAY;

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.on('SIGUSR2', () => delay.reset());
  setInterval(() => writeFileSync(file, String(Math.max(delay.max / 1e6 - resolution, 0))), 200).unref();
}
