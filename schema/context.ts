import type { Principal } from '../src/access/principal.ts';
import type { Device, SignedInCredentials } from '../src/access/session.ts';
import type { Engine } from '../src/engine.ts';

/** The cookies of a browser on one of our own pages. */
export interface Browser {
  /** The refresh token in its cookie; null: none. */
  refreshToken: string | null;
  /** Keeps a sign-in in its cookies. */
  keep(credentials: SignedInCredentials): Promise<void>;
  forget(): void;
}

/** What every resolver gets: the engine, and who asks. */
export interface Context {
  engine: Engine;
  principal: Principal;
  /** From where they ask. */
  device: Device;
  /** Null: it is no browser on one of our own pages, or cannot be given cookies, as over WebSocket. */
  browser: Browser | null;
  /** By which address whoever asks reaches the server, for links; without a slash at the end. */
  baseUrl: string;
  /** Aborted when nobody waits for the answer any more; null where that is not known. */
  signal: AbortSignal | null;
  /** The cursor of the last server-sent event that whoever asks got before its connection broke; null: there is none. */
  lastEventId: string | null;
}
