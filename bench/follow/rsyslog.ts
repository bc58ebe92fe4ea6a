// rsyslog's imfile on the files, forwarding over TCP to here. Arguments: its directory, how the files are rotated, files.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { Inbox, linesIn } from './inbox.ts';
import { startPeer } from './peer.ts';

const [directory = '', rotation = '', ...paths] = process.argv.slice(2);
const inbox = new Inbox(paths.map((path) => basename(path, '.log')));
const server = createServer((socket) => socket.setEncoding('utf8').on('data', (text: string) => inbox.add(text)));
await once(server.listen(0, '127.0.0.1'), 'listening');
const address = server.address();
if (typeof address !== 'object' || address === null) throw new Error('There is no TCP port to listen on.');

// Inotify, as its documentation recommends, and else its defaults; but without reopenOnTruncate, which it calls
// experimental, it stops at a truncated file. What it says of itself goes to a file of its own.
const truncation = rotation === 'copytruncate' ? ' reopenOnTruncate="on"' : '';
const config = `
global(workDirectory="${directory}")
module(load="imfile" mode="inotify")
template(name="line" type="string" string="%msg%\\n")
ruleset(name="out") {
  action(type="omfwd" target="127.0.0.1" port="${address.port}" protocol="tcp" template="line")
}
${paths.map((path) => `input(type="imfile" File="${path}" Tag="${basename(path)}:" ruleset="out"${truncation})`).join('\n')}
action(type="omfile" file="${join(directory, 'rsyslog.log')}")
`;
mkdirSync(directory);
writeFileSync(join(directory, 'rsyslog.conf'), config);
const options = ['-n', '-i', join(directory, 'rsyslogd.pid'), '-f', join(directory, 'rsyslog.conf')];
const rsyslogd = startPeer('rsyslogd', options);
inbox.serve({ pid: rsyslogd.pid ?? 0, understand: linesIn, resumed: () => 0 });
