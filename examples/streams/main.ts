// Logs with pino to a stream: TAILQL_TOKEN=… npx tsx examples/streams/main.ts STREAM
import { pino } from 'pino';
import { StreamTransport } from './transport.ts';

const { TAILQL_URL: url = 'http://127.0.0.1:4000/graphql', TAILQL_TOKEN: token = '' } = process.env;
const [, , stream = 'example'] = process.argv;

const transport = new StreamTransport({ url, token, stream, onProblem: (problem) => console.error(problem) });
const logger = pino({ name: 'shop' }, transport);

logger.info({ items: 3 }, 'cart opened');
logger.warn({ ms: 812 }, 'slow');
logger.error(new Error('boom'));
transport.end(() => console.log(`done, ${transport.dropped} dropped`));
