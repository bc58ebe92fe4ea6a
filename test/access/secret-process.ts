import { once } from 'node:events';
import { signingKey } from '../../src/access/secret.ts';

// Prints the key of the data directory it is given, once it is told to: so that many can begin at the same moment.
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const key = await signingKey({ dataDir: process.argv[2] ?? '', auth: {} });
process.stdout.write(key.export().toString());
process.stdin.destroy();
