import type { Principal } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';

/** What every resolver gets: the engine, and who asks. */
export interface Context {
  engine: Engine;
  principal: Principal;
  /** Aborted when nobody waits for the answer any more; null where that is not known. */
  signal: AbortSignal | null;
}
