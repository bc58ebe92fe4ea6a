import type { Principal } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';

/** What every resolver gets: the engine, and who asks. */
export interface Context {
  engine: Engine;
  principal: Principal;
  /** By which address whoever asks reaches the server, for links; without a slash at the end. */
  baseUrl: string;
  /** Aborted when nobody waits for the answer any more; null where that is not known. */
  signal: AbortSignal | null;
}
