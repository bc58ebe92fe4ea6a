import { RefusedFileError } from './open.ts';

/** Whether a log's file can be read, and if not, why, in words. The last two are of uploads. */
export type FileState =
  | { state: 'ACTIVE' }
  | { state: 'WAITING' | 'UNREADABLE' | 'UPLOADING' | 'FAILED'; reason: string };

/** What it means for a log that its file could not be opened or read. */
export function stateOf(error: unknown): FileState {
  if (error instanceof RefusedFileError) {
    return { state: error.refusal === 'MISSING' ? 'WAITING' : 'UNREADABLE', reason: error.message };
  }
  const code = error instanceof Error && 'code' in error ? error.code : error;
  return { state: 'UNREADABLE', reason: `Reading it fails (${code}).` };
}

export function sameState(a: FileState | null, b: FileState | null): boolean {
  const reason = (state: FileState | null) => (state !== null && state.state !== 'ACTIVE' ? state.reason : null);
  return a?.state === b?.state && reason(a) === reason(b);
}
