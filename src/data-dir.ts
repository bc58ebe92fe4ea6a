import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './errors.ts';

/**
 * Makes the directory for everything the server keeps, and the one for its logs in it. Only the server may look into
 * it: what people upload and write is theirs, and the signing key is nobody's.
 *
 * @throws {OperatorError} when it cannot be made, or not be written to
 */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    mkdirSync(join(dataDir, 'log'), { recursive: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new OperatorError(
      `Cannot use the data directory ${dataDir} (${code}); let the server write there, or choose another one with --data-dir or TAILQL_DATA_DIR.`,
    );
  }
}
