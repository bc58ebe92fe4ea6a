import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A socket that has introduced itself, and was accepted. */
export async function connect(address: string, init: string): Promise<WebSocket> {
  const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
  await once(socket, 'open');
  socket.send(init);
  await once(socket, 'message');
  return socket;
}

/** Some at a time, for a server accepts only so many that wait. */
export async function openAll(count: number, open: (index: number) => Promise<void>): Promise<void> {
  for (let opened = 0; opened < count; opened += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - opened) }, (_, index) => open(opened + index)));
  }
}
