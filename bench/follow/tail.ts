// `tail -F` on the files, into a pipe that is read here. Arguments: the files.
import { basename } from 'node:path';
import { Inbox, linesIn } from './inbox.ts';
import { startPeer } from './peer.ts';

const paths = process.argv.slice(2);
const inbox = new Inbox(paths.map((path) => basename(path, '.log')));
const tail = startPeer('tail', ['-q', '-n', '0', '-F', ...paths]);
tail.stdout.setEncoding('utf8').on('data', (text: string) => inbox.add(text));
inbox.serve({ pid: tail.pid ?? 0, understand: linesIn, resumed: () => 0 });
