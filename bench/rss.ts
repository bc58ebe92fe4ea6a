import { readFileSync } from 'node:fs';

/** Memory of a process that is in use and in RAM; proc_pid_status(5). */
export function rssBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
