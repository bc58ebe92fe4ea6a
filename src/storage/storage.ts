/** What the server calls an object: an id of its own, and how it is packed. Never a text of anybody else. */
export type StorageKey = `${string}.log` | `${string}.log.gz`;

/** Whether it is one of ours; others may have objects beside them. */
export const isStorageKey = (text: string): text is StorageKey =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.log(\.gz)?$/.test(text);

/** @throws {TypeError} when no object of ours is called that */
export function storageKey(text: string): StorageKey {
  if (isStorageKey(text)) return text;
  throw new TypeError('Not a name that the server gave.');
}

/** Keeps what people upload: on a disk, or in an object store. */
export interface Storage {
  /**
   * Keeps bytes under a key that is not taken: all of them, or nothing. No more than some portions are in memory.
   *
   * @param content what it throws is thrown, and nothing is kept
   * @returns how many bytes there were
   * @throws {StorageError} when they cannot be kept
   */
  put(key: StorageKey, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Removes what is kept under a key; nothing happens where nothing is. */
  remove(key: StorageKey): Promise<void>;
  /** Everything that is kept, and what was left of what came in part is gone. Only before anything is put. */
  sweep(): Promise<StorageKey[]>;
  /** Where the bytes can be read as a file, for as long as nothing else is asked for; null: nothing is kept. */
  file(key: StorageKey): Promise<string | null>;
}

/** Bytes cannot be kept or fetched just now: the reason, without anything secret. */
export class StorageError extends Error {
  /** Whether there is no room for them. */
  readonly reason: 'full' | 'unavailable';
  constructor(reason: 'full' | 'unavailable', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
