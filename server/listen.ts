import type { Server } from 'node:http';
import { OperatorError } from '../src/errors.ts';

/** What an operator can do when the server cannot listen, by the system's error code. */
const remedies: Record<string, string> = {
  EADDRINUSE: 'something else listens there: stop it, or choose another port with --port or TAILQL_PORT',
  EACCES: 'the system does not allow it: choose a port from 1024 with --port or TAILQL_PORT',
  EADDRNOTAVAIL: 'this machine has no such address: choose another with --host or TAILQL_HOST',
  ENOTFOUND: 'there is no such host: choose another with --host or TAILQL_HOST',
};

/**
 * Listens, and returns the base of all URLs, without a slash at the end.
 *
 * @throws {OperatorError} when it cannot
 */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy = remedies[error.code ?? ''] ?? error.message;
      reject(new OperatorError(`Cannot listen on ${host} port ${port}: ${remedy}.`));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  // The addresses that mean "all of them" are not ones to connect to.
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}
