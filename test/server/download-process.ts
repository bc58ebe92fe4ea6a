import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../../server/main.ts';
import { createToken } from '../../server/token-command.ts';
import { defaultConfig } from '../../src/config.ts';
import { linkTo, open } from '../support/download.ts';

// Serves a log of so many MiB, sparse or of lines that a filter finds, to another process. Tells it a link when small
// downloads have warmed everything up, and whenever it asks by how many bytes memory grew at most, in so many looks.
const [, , directory = '', what, mebibytes] = process.argv;
const line = `request ${'x'.repeat(9_991)}\n`;
const [path, small] = [join(directory, 'app.log'), join(directory, 'small.log')];

writeFileSync(small, line.repeat(2000));
writeFileSync(path, '');
if (what === 'sparse') truncateSync(path, Number(mebibytes) * 1024 * 1024);
else for (let i = 0; i < Number(mebibytes); i++) appendFileSync(path, line.repeat(105));

const sources = [
  { path, name: 'app.log' },
  { path: small, name: 'small.log' },
];
const config = defaultConfig({ dataDir: join(directory, 'data'), port: 0, sources });
const { url } = await startServer(config);
const token = await createToken(config, 'test', ['LOGS_READ']);
const filter = what === 'sparse' ? undefined : { contains: 'request' };
for (let i = 0; i < 3; i++) await open(await linkTo({ url, token }, 'small.log', filter));

const least = process.memoryUsage.rss();
let [most, looks] = [least, 0];
setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
  looks++;
}, 5);
process.on('message', () => process.send?.({ growth: most - least, looks }));
process.once('disconnect', () => process.exit());
process.send?.({ link: await linkTo({ url, token }, 'app.log', filter) });
