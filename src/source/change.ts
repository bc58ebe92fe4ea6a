import type { EngineEvents } from '../events.ts';
import { type FileState, sameState } from '../file/state.ts';
import type { Catalog } from './catalog.ts';
import type { Grantee } from './grant.ts';
import type { Log } from './log.ts';
import type { Source } from './source.ts';

/** `state`: it can be read now, or no longer, or its owner changed something of it. */
export interface SourceChange<Kind = 'added' | 'state' | 'removed'> {
  kind: Kind;
  source: Source;
}

/** Whether somebody may know of a source that is shared with these. */
export type Concerns = (source: Source, grantees: readonly Grantee[]) => boolean;

/** Sources looked at together. */
const probesAtOnce = 16;

/** Notices that sources come, go, or can be read or no longer be read. It looks only while somebody listens. */
export class SourceWatch {
  readonly #catalog: Catalog;
  readonly #events: EngineEvents;
  readonly #intervalMs: number;
  readonly #listeners = new Set<SourceChanges>();
  #states = new Map<string, FileState>();
  #timer: NodeJS.Timeout | undefined;
  #started: Promise<void> | null = null;
  #looking: Promise<void> | null = null;

  constructor(catalog: Catalog, intervalMs: number, events: EngineEvents) {
    this.#catalog = catalog;
    this.#intervalMs = intervalMs;
    this.#events = events;
  }

  /** All changes of sources that `concerns` lets through, from now on. */
  async subscribe(concerns: Concerns): Promise<SourceChanges> {
    const changes = new SourceChanges(concerns, (self) => this.#leave(self));
    this.#listeners.add(changes);
    this.#started ??= this.#start();
    try {
      await this.#started;
    } catch (error) {
      this.#leave(changes);
      throw error;
    }
    return changes;
  }

  /**
   * Tells of a source that somebody owns, which is now shared with others than before: to who may read it no longer, it is
   * removed; to who may from now on, it is new. Null: it was, or will be, not there at all.
   */
  changed(source: Source, before: readonly Grantee[] | null, after: readonly Grantee[] | null): void {
    for (const listener of this.#listeners) {
      const was = before !== null && listener.concerns(source, before);
      const is = after !== null && listener.concerns(source, after);
      if (was || is) listener.push({ kind: !was ? 'added' : is ? 'state' : 'removed', source });
    }
  }

  async #start(): Promise<void> {
    await this.#catalog.refresh();
    this.#states = await this.#currentStates();
    if (this.#listeners.size > 0) this.#timer ??= setInterval(() => this.#look(), this.#intervalMs).unref();
  }

  #leave(changes: SourceChanges): void {
    this.#listeners.delete(changes);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#started = null;
  }

  #look(): void {
    this.#looking ??= this.#compare()
      .catch((error: unknown) => this.#events.failed({ doing: 'look at the state of the sources', error }))
      .finally(() => {
        this.#looking = null;
      });
  }

  async #compare(): Promise<void> {
    const { added, removed } = await this.#catalog.refresh();
    for (const log of removed) this.#tell('removed', log);
    for (const log of added) this.#tell('added', log);
    const before = this.#states;
    this.#states = await this.#currentStates();
    for (const log of this.#catalog.logs) {
      const { id } = log.source;
      const [was, is] = [before.get(id), this.#states.get(id)];
      if (was !== undefined && is !== undefined && !sameState(was, is)) this.#tell('state', log);
    }
  }

  async #currentStates(): Promise<Map<string, FileState>> {
    const states = new Map<string, FileState>();
    const logs = [...this.#catalog.logs];
    // A few at a time: each may have its file open for a moment.
    for (let next = 0; next < logs.length; next += probesAtOnce) {
      const some = logs.slice(next, next + probesAtOnce);
      const found = await Promise.all(some.map((log) => log.state()));
      for (const [index, log] of some.entries()) states.set(log.source.id, found[index] ?? { state: 'ACTIVE' });
    }
    return states;
  }

  #tell(kind: SourceChange['kind'], { source, grantees }: Log): void {
    for (const listener of this.#listeners) if (listener.concerns(source, grantees)) listener.push({ kind, source });
  }
}

/**
 * One listener's changes, as an iterator. Of several changes of one source that wait, only the last is kept, so what
 * waits is bounded by the number of sources.
 */
export class SourceChanges implements AsyncIterableIterator<SourceChange> {
  readonly concerns: Concerns;
  readonly #close: (self: SourceChanges) => void;
  readonly #waiting = new Map<string, SourceChange>();
  #state: 'open' | 'closed' = 'open';
  #wake: () => void = () => {};

  constructor(concerns: Concerns, close: (self: SourceChanges) => void) {
    this.concerns = concerns;
    this.#close = close;
  }

  push(change: SourceChange): void {
    const { id } = change.source;
    const waiting = this.#waiting.get(id);
    // To a listener that has not heard of it yet, a new source stays new when its state changes.
    const kind = waiting?.kind === 'added' && change.kind === 'state' ? 'added' : change.kind;
    this.#waiting.delete(id);
    this.#waiting.set(id, { kind, source: change.source });
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SourceChange, undefined>> {
    for (;;) {
      if (this.#state === 'closed') return { done: true, value: undefined };
      const [change] = this.#waiting.values();
      if (change !== undefined) {
        this.#waiting.delete(change.source.id);
        return { done: false, value: change };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<SourceChange, undefined>> {
    this.#state = 'closed';
    this.#close(this);
    this.#wake();
    return { done: true, value: undefined };
  }
}
