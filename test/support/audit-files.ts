import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What `tailql audit verify` says. */
export function verifyFiles(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, cli, 'audit', 'verify', ...args], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

/** A signed head, as the API answers it. */
export interface Head {
  sequence: string;
  hash: string;
  signedAt: string;
  signature: string;
  publicKey: string;
}
