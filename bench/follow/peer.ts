import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Starts a program that follows files, for as long as this process is wanted; when it ends by itself, this one fails. */
export function startPeer(program: string, args: string[]): ChildProcessByStdio<null, Readable, null> {
  const peer = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let state: 'running' | 'ending' = 'running';
  peer.once('exit', (code, signal) => {
    if (state === 'running') throw new Error(`${program} ended (${code ?? signal}).`);
    process.exit();
  });
  const end = () => {
    state = 'ending';
    peer.kill();
  };
  process.on('SIGTERM', end).on('SIGINT', end).on('disconnect', end);
  return peer;
}
