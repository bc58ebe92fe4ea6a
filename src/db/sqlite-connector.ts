import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { OperatorError } from '../errors.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Connector, Purpose } from './connector.ts';
import { DatabaseBusyError, driverError, prove } from './driver.ts';
import { PrismaClient } from './sqlite/client.ts';
import { checkpointPages, openSqliteSql } from './sqlite-sql.ts';

/** How long a statement waits for another process, in ms. The wait blocks the event loop, so only work waits long. */
const busyTimeout: Record<Purpose, number> = { work: 5_000, look: 50, migrate: 50 };

const opening: Record<Purpose, string> = {
  // In this mode readers and the writer do not block each other; NORMAL may lose the last transactions in a power cut,
  // never the file. The write that is rolled back fails here and now where the file can only be read: SQLite turns a
  // mere BEGIN IMMEDIATE into a read there.
  work: `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = ${checkpointPages};
         BEGIN IMMEDIATE; PRAGMA user_version = 0; ROLLBACK;`,
  // The transaction is left open: once its first read went well, no other can fail because another process writes.
  look: 'BEGIN; SELECT count(*) FROM sqlite_master;',
  // In this mode the lock, once taken, stays until the connection is closed.
  migrate: 'PRAGMA main.locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;',
};

/** A database file. The URL is `file:` and a path, relative to the working directory. */
export function sqliteConnector(url: string): Connector {
  const file = url.slice('file:'.length);
  return {
    kind: 'sqlite',
    name: file,
    async connect(purpose) {
      try {
        const adapter = await new PrismaBetterSqlite3({ url, timeout: busyTimeout[purpose] }).connect();
        return await prove(adapter, opening[purpose]);
      } catch (error) {
        throw explain(file, error);
      }
    },
    createClient: (adapter) => new PrismaClient({ adapter }),
    openSql: () => openSqliteSql(file, new Checkpoints(file)),
  };
}

/** Codes: https://www.sqlite.org/rescode.html */
function explain(file: string, error: unknown): OperatorError {
  const { code, message } = driverError(error);
  if (message.includes('directory does not exist')) {
    return new OperatorError(`The directory of the database ${file} does not exist: create it, or name another file.`);
  }
  if (code === 'SQLITE_NOTADB') {
    return new OperatorError(`The file ${file} is not a database: name another file, or move this one away.`);
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return new OperatorError(
      `The database ${file} cannot be opened for writing: let the user who runs Tailql write the file and its directory.`,
    );
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new DatabaseBusyError(`The database ${file} is in use by another process: stop that one, then start again.`);
  }
  return new OperatorError(
    `The database ${file} cannot be used (${message}): check the disk, then restore a backup if the file is damaged.`,
  );
}
