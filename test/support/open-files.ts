import { readdirSync, readlinkSync } from 'node:fs';

/** The files below a directory that this process has open. */
export function openIn(directory: string): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // It was that of the look itself.
      return '';
    }
  });
  return links.filter((link) => link.startsWith(directory));
}
