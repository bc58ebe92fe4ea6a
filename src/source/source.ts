import type { Source } from '../db/sqlite/client.ts';

/** A log as the database knows it: what it is called and whose it is, not where its bytes are. */
export type { Source };
