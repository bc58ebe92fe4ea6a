// What a server does first, as a process of its own: migrates the database at the URL, and tells what that took.
import { migrate } from '../../src/db/migrate.ts';

/** How often something as large as the schema engine was loaded; Node itself loads small things. */
let engines = 0;
const { WebAssembly } = globalThis as unknown as { WebAssembly: { instantiate: (...args: unknown[]) => unknown } };
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = (...args) => {
  if (args[0] instanceof Uint8Array && args[0].byteLength > 1_000_000) engines += 1;
  return instantiate(...args);
};

const applied = await migrate(process.argv[2] ?? '');
// A timer that is left would keep a short command alive.
const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
process.stdout.write(JSON.stringify({ applied, engines, timers }));
