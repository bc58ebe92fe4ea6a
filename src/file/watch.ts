import { type FSWatcher, statSync, watch } from 'node:fs';
import type { EngineEvents } from '../events.ts';

/** `rename`: a name appeared or went; `change`: a file was written to. */
type Listener = (event: 'rename' | 'change', name: string | null) => void;

interface Watched {
  watcher: FSWatcher;
  /** Of the directory: another one may have its name, or its inode. */
  identity: string;
  listeners: Set<Listener>;
}

/**
 * Hints that something in a directory changed. A hint comes within a millisecond where the file system gives any; it
 * may come late, twice, or never (NFS, overlay, inotify used up), so whoever listens polls as well.
 *
 * Directories are watched, not files: a watch on a file stays with the file when it is renamed away.
 */
export class DirectoryWatch {
  readonly #events: EngineEvents;
  readonly #watched = new Map<string, Watched>();
  readonly #unavailable = new Set<string>();

  constructor(events: EngineEvents) {
    this.#events = events;
  }

  /**
   * Calls `listener` with what changed (name null when the system does not say). Returns what stops it.
   * Call again to renew the watch: a directory that was deleted and made anew has to be watched anew.
   */
  listen(directory: string, listener: Listener): () => void {
    const listeners = this.#current(directory)?.listeners;
    listeners?.add(listener);
    return () => {
      listeners?.delete(listener);
      const watched = this.#watched.get(directory);
      if (watched?.listeners.size === 0) this.#stop(directory, watched);
    };
  }

  #current(directory: string): Watched | null {
    const identity = identityOf(directory);
    const existing = this.#watched.get(directory);
    if (identity === null) return existing ?? null;
    if (existing?.identity === identity) return existing;
    const listeners = existing?.listeners ?? new Set<Listener>();
    existing?.watcher.close();
    try {
      const watcher = watch(directory, { persistent: false }, (event, name) => {
        for (const listener of listeners) listener(event, name);
      });
      const watched = { watcher, identity, listeners };
      watcher.on('error', () => this.#stop(directory, watched));
      this.#watched.set(directory, watched);
      this.#unavailable.delete(directory);
      return watched;
    } catch (error) {
      this.#watched.delete(directory);
      if (!this.#unavailable.has(directory)) {
        this.#unavailable.add(directory);
        this.#events.watchUnavailable({ directory, reason: error instanceof Error ? error.message : String(error) });
      }
      return null;
    }
  }

  #stop(directory: string, watched: Watched): void {
    watched.watcher.close();
    if (this.#watched.get(directory) === watched) this.#watched.delete(directory);
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }
}

/** Null when there is no such directory, or it cannot be looked at. */
function identityOf(directory: string): string | null {
  try {
    const { dev, ino, birthtimeMs } = statSync(directory);
    return `${dev} ${ino} ${birthtimeMs}`;
  } catch {
    return null;
  }
}
