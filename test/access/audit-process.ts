import { execFileSync } from 'node:child_process';
import { AuditLog } from '../../src/access/audit.ts';

// Appends `count` records with messages of `size` characters, as fast as it can. When it cannot, it says why, lifts the
// limit that stands in for a full disk, and appends one more.
const [, , dataDir = '', count, size] = process.argv;
const audit = new AuditLog(dataDir);
const append = (message: string, index: number) => {
  const metadata = { process: process.pid, index };
  const at = new Date('2026-11-21T12:00:00Z');
  audit.record({ level: 'INFO', logger: 'tailql.test', message, action: 'sign_in', metadata, at });
};
let accepted = 0;
try {
  for (; accepted < Number(count); accepted++) append('x'.repeat(Number(size)), accepted);
} catch (error) {
  process.stdout.write(`${accepted} accepted, then ${error}`);
  execFileSync('prlimit', ['--pid', `${process.pid}`, '--fsize=unlimited']);
  append('room again', -1);
}
audit.close();
