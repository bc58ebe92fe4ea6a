import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures depend on. The load is that of the minute before: anything much above 0 disturbs them. */
export const machine = () => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: `${type()} ${release()}`,
  node: process.version,
  loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
});
