import Connection from 'better-sqlite3';

/** Time (ms) to wait for readers of the log of writes, while nobody else can write. */
const patienceMs = 50;

let opened: Connection.Database | null = null;

/**
 * What the thread is started with: puts what was written into the file of a database.
 *
 * @param how `beginAnew`: also lets the log of writes begin anew, for which others that write wait a moment
 */
export default function checkpoint({ file, how }: { file: string; how: 'goOn' | 'beginAnew' }): void {
  opened ??= new Connection(file, { timeout: patienceMs });
  // First most of it, for which nobody waits.
  opened.pragma('wal_checkpoint(PASSIVE)');
  if (how === 'beginAnew') opened.pragma('wal_checkpoint(RESTART)');
}
