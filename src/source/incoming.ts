import { type Inspected, inspect, inspectedBytes } from './inspection.ts';

/** The bytes of an upload cannot be taken as they are: what is wrong with them. */
export class RefusedUploadError extends Error {
  readonly reason: 'too large' | 'too small' | 'not a log';
  constructor(reason: RefusedUploadError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface Expected {
  /** Bytes that were announced. */
  size: number;
  /** Bytes that are said to come; null: nothing was said. */
  declared: number | null;
}

/**
 * The bytes of an upload, of which the first were looked at: those that come are exactly as many as were announced, or the
 * rest throws as soon as that is known.
 *
 * @throws {RefusedUploadError} when they are no log, or said to be others than were announced
 */
export async function incoming(
  content: AsyncIterable<Uint8Array>,
  { size, declared }: Expected,
): Promise<{ content: AsyncGenerator<Uint8Array, void, undefined>; kind: 'text' | 'gzip' }> {
  if (declared !== null && declared !== size) throw otherSize(size, declared);
  const portions = content[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < Math.min(size, inspectedBytes)) {
    const next = await portions.next();
    if (next.done) throw otherSize(size, length);
    first.push(next.value);
    length += next.value.length;
    if (length > size) throw otherSize(size, length);
  }
  const inspected: Inspected = inspect(Buffer.concat(first).subarray(0, inspectedBytes));
  if (inspected.kind === 'refused') throw new RefusedUploadError('not a log', inspected.reason);

  async function* all() {
    yield* first;
    for (let next = await portions.next(); !next.done; next = await portions.next()) {
      length += next.value.length;
      if (length > size) throw otherSize(size, length);
      yield next.value;
    }
    if (length < size) throw otherSize(size, length);
  }
  return { content: all(), kind: inspected.kind };
}

function otherSize(size: number, found: number): RefusedUploadError {
  if (found > size) return new RefusedUploadError('too large', `${size} bytes were announced, and more come.`);
  return new RefusedUploadError('too small', `${size} bytes were announced, and only ${found} came.`);
}
