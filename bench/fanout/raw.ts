// The most that can be had: a WebSocket server that sends everybody the same prepared string.
import { WebSocket, WebSocketServer } from 'ws';
import { publishAsTold } from './publisher.ts';

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
sockets.on('listening', () => {
  const address = sockets.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  publishAsTold(address.port, (entries) => {
    const text = JSON.stringify({ id: '1', type: 'next', payload: { data: { logTail: { entries } } } });
    for (const socket of sockets.clients) if (socket.readyState === WebSocket.OPEN) socket.send(text);
  });
});
// Of the protocol only what the subscribers wait for.
sockets.on('connection', (socket) => {
  socket.once('message', () => socket.send('{"type":"connection_ack"}'));
});
process.on('SIGTERM', () => process.exit(0));
