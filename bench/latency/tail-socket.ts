// The peer: what one would write without Tailql. `tail -F` into a WebSocket server that sends each chunk's lines to
// everybody as one message. Argument: the file. Sends its port to its parent.
import { spawn } from 'node:child_process';
import { WebSocket, WebSocketServer } from 'ws';

const [file = ''] = process.argv.slice(2);
const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
const tail = spawn('tail', ['-n', '0', '-F', file], { stdio: ['ignore', 'pipe', 'inherit'] });

let rest = '';
tail.stdout.setEncoding('utf8');
tail.stdout.on('data', (chunk: string) => {
  const text = rest + chunk;
  const end = text.lastIndexOf('\n') + 1;
  rest = text.slice(end);
  if (end === 0) return;
  for (const socket of sockets.clients) if (socket.readyState === WebSocket.OPEN) socket.send(text.slice(0, end));
});

process.on('SIGTERM', () => {
  tail.kill();
  process.exit(0);
});
sockets.on('listening', () => {
  const address = sockets.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
