import type { Principal } from '../access/principal.ts';
import type { Grantee } from './grant.ts';
import type { Source } from './source.ts';
import { mayRead } from './visibility.ts';

/** That somebody may read some sources, for as long as they read them. */
export interface Right {
  /** Aborted when they may no longer: one was deleted, or is no longer shared with them. */
  readonly lost: AbortSignal;
  /** To be called when they have stopped to read. */
  release(): void;
}

interface Watched {
  principal: Principal;
  sourceIds: ReadonlySet<string>;
  lost: AbortController;
}

/** Tells those who read a log all the time when they may no longer. */
export class AccessWatch {
  readonly #watched = new Set<Watched>();

  /** Ask for it before it is asked whether they may read it, so that there is no moment at which nobody would tell. */
  watch(principal: Principal, sourceIds: Iterable<string>): Right {
    const watched = { principal, sourceIds: new Set(sourceIds), lost: new AbortController() };
    this.#watched.add(watched);
    return { lost: watched.lost.signal, release: () => this.#watched.delete(watched) };
  }

  /** @param grantees with whom the source is shared from now on; null: it was deleted */
  changed(source: Source, grantees: readonly Grantee[] | null): void {
    for (const { principal, sourceIds, lost } of this.#watched) {
      if (!sourceIds.has(source.id)) continue;
      if (grantees === null || !mayRead(principal, source, grantees)) lost.abort();
    }
  }
}
