import { z } from 'zod';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

/** Longest delay of a Node timer; a longer one would fire at once. https://nodejs.org/api/timers.html */
const longestTimerMs = 2_147_483_647;

const count = (value: number, text: string) => z.int().min(1).max(1_000_000).default(value).describe(text);
const bytes = (value: number, text: string, max = gibibyte) => z.int().min(1).max(max).default(value).describe(text);
const delay = (value: number, text: string) => z.int().min(1).max(longestTimerMs).default(value).describe(text);

/** What is bounded so that the server stays within its memory and time; each with its reason. */
export const limitsSchema = z.strictObject({
  // A page is held in memory as objects before it is sent: about 1 KiB each.
  maxPageSize: count(1000, 'Most entries that one page of a query may have.'),
  // One record is one string in memory; and longer lines are cut anyway, see stretchBytes.
  maxRecordBytes: bytes(
    mebibyte,
    'Longest record, in bytes; of a longer one only its beginning is kept.',
    16 * mebibyte,
  ),
  // A batch is one database statement, and holds the only writer while it runs.
  maxBatchWrite: count(1000, 'Most entries that one mutation may write.'),
  // Uploads fill the disk that the data directory is on.
  maxUploadBytes: bytes(gibibyte, 'Largest file that may be uploaded, in bytes.', 1024 * gibibyte),
  // So that one user cannot fill it for all.
  maxUploadedBytesPerUser: bytes(
    10 * gibibyte,
    'Most bytes of uploads that one user may have, those counted that are announced.',
    1024 * gibibyte,
  ),
  // Keeps out what is surely no log, and what a browser would run if it were ever served.
  uploadExtensions: z
    .array(z.string().regex(/^\.[a-z0-9]+$/, 'a file extension such as .log, in lower case'))
    .default(['.log', '.txt', '.json', '.jsonl', '.ndjson', '.csv', '.gz', '.out', '.err'])
    .describe('Extensions of the files that may be uploaded.'),
  // Of a stream that is kept for some time or up to some size, so much at once is removed.
  streamSegmentBytes: bytes(64 * mebibyte, 'Bytes of one file of a stream, after which it goes on in another.'),
  // Each has a queue of its own.
  maxSubscriptionsPerConnection: count(100, 'Most subscriptions that one WebSocket connection may have at a time.'),
  // So that one user's many tabs and scripts leave room for everybody else.
  maxSubscriptionsPerUser: count(500, 'Most subscriptions that one user may have at a time.'),
  maxConnectionsPerUser: count(100, 'Most WebSocket connections that one user may have at a time.'),
  // Counts also those that have not signed in yet. Users behind one proxy share an address, hence more than per user.
  maxConnectionsPerAddress: count(200, 'Most WebSocket connections that one network address may have at a time.'),
  // A message is read whole into memory before anybody knows who sent it.
  maxMessageBytes: bytes(64 * kibibyte, 'Largest WebSocket message that is accepted, in bytes.'),
  // So is a request; uploads are streamed, and have a limit of their own.
  maxRequestBytes: bytes(mebibyte, 'Largest body of an HTTP request, in bytes; uploads not counted.'),
  // An exporter's batch is decoded as a whole; the usual 512 records of an SDK, or 8192 of a collector, take less.
  maxExportBytes: bytes(
    16 * mebibyte,
    'Largest batch of logs that an OpenTelemetry exporter may send, in bytes, unpacked.',
  ),
  // A connection that never signs in holds a socket for nothing.
  connectionInitTimeoutMs: delay(3000, 'Time a WebSocket connection has to introduce itself, in milliseconds.'),
  // Proxies close connections that are silent for long, often after 60 s; a dead peer is noticed after two pings.
  pingIntervalMs: delay(12_000, 'Time between two pings of a WebSocket connection, in milliseconds.'),
  // A glob over a large directory would otherwise cost a database row and a look at the disk for each file.
  maxSources: count(10_000, 'Most files that the configured sources may stand for together.'),
  // So that one user, or a script of theirs, cannot fill the database; each may have rows and files of its own.
  maxSourcesPerUser: count(1000, 'Most uploads and streams that one user may have at a time.'),
  // Each holds a connection and an open file for as long as its client takes, and with a filter threads.
  maxDownloadsPerUser: count(8, 'Most downloads that one user may have under way at a time.'),
  // Whoever guesses passwords tries many. A whole office may share an address, and come to work at nine.
  maxSignInsPerAddress: count(60, 'Most tries to sign in or register that one network address may make in a minute.'),
  // Even of the commonest passwords few can be tried so; from where the person signs in themselves it is counted apart.
  maxWrongPasswords: count(10, 'Most wrong passwords for one account in a quarter of an hour.'),
  // Each is a place in the cursor of every event, and a look at the disk when the tail starts.
  maxSourcesPerTail: count(100, 'Most sources that one subscription may follow together.'),
  // Parsing and validating a document takes time that grows with its tokens, before any other check.
  maxTokens: count(2000, 'Most tokens that one GraphQL document may have.'),
  // A short document may ask for pages in pages; a hundred thousand fields take some tenths of a second.
  maxCost: count(100_000, 'Most fields that one operation may ask for; those of a page count once for each entry.'),
  // Compiling a filter takes time that grows with its length, and happens for each request.
  maxFilterLength: count(10_000, 'Most characters that a filter may have in the form of a search.'),
  // Each may be asked of each entry that is read.
  maxFilterConditions: count(200, 'Most conditions that a filter may have; values of a list count one each.'),
  // At worst each step is taken for each character: 150 take about 40 ms for 10,000 characters.
  maxPatternSize: count(150, 'Most steps to which the regular expressions of a filter may be compiled, together.'),
  // A search that finds nothing would otherwise read the whole log in one request; it goes on from a cursor instead.
  scanBytesPerPage: bytes(
    64 * mebibyte,
    'Most bytes of logs that are read to fill one page, and about the most that are found by a search for one.',
    1024 * gibibyte,
  ),
  // A thread looks through a GiB in a tenth of a second where a text is looked for, in seconds where lines are parsed.
  searchBytesPerPage: bytes(
    gibibyte,
    'Most bytes of logs that are looked through to fill one page of a search.',
    1024 * gibibyte,
  ),
  searchMsPerPage: delay(2000, 'Longest time that is spent on one page of a search, in milliseconds; about.'),
  // A histogram has to see everything: more than of a page, but no request runs for minutes.
  searchBytesPerSummary: bytes(
    16 * gibibyte,
    'Most bytes of logs that are looked through for one histogram, or for the values of a field.',
    1024 * gibibyte,
  ),
  searchMsPerSummary: delay(10_000, 'Longest time that is spent on one of them, in milliseconds; about.'),
  // They are done one after the other, each with all threads: so that one user leaves room for everybody else.
  maxAnalysesPerUser: count(20, 'Most analyses that one user may have queued or running at a time.'),
  // Each is up to a megabyte in the database.
  maxAnalysesPerSource: count(100, 'Most analyses that are kept of one source.'),
  // Some ten seconds for each GiB; whatever takes so long keeps all others waiting.
  analysisMs: delay(10 * 60_000, 'Longest time that one analysis may take, in milliseconds.'),
  // An error may be a stack trace, or a whole page of some other server.
  maxActionErrorLength: count(4096, 'Most characters of the error of an action that are kept.'),
  maxActionMetadataLength: count(4096, 'Most characters that the metadata of an action may have as JSON.'),
  // Statistics are kept for each; whoever puts an id into the name of an action would make one for each action.
  maxActionSeries: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Most combinations of service, action and status that there may be.'),
  // Held in memory until they are in the database: some hundred bytes each.
  maxActionsQueued: count(50_000, 'Most actions that may wait to be recorded.'),
  // A compressed file can expand a thousandfold, onto the disk that the data directory is on.
  maxUnpackedBytes: bytes(
    2 * gibibyte,
    'Most bytes that are read of one compressed file, unpacked; what stands beyond is left out.',
    1024 * gibibyte,
  ),
  // Unpacking a file again costs seconds for each GiB.
  unpackedCacheBytes: bytes(
    2 * gibibyte,
    'Bytes of unpacked files kept in the data directory for the next reader; the last one is kept whatever its size.',
    1024 * gibibyte,
  ),
  // To fetch one again takes as long as the network does.
  fetchedCacheBytes: bytes(
    10 * gibibyte,
    'Bytes of uploads that are fetched from an object store and kept in the data directory for the next reader; the last one is kept whatever its size.',
    1024 * gibibyte,
  ),
  // A reader that is slower goes on from disk; whichever of the two is reached first ends the window.
  liveWindowEntries: count(10_000, 'Recent entries kept in memory per followed source for its live readers.'),
  liveWindowBytes: bytes(16 * mebibyte, 'Bytes of recent entries kept in memory per followed source.'),
  // The latency where the file system gives no hint (NFS, overlay); costs one fstat per followed file.
  pollIntervalMs: delay(250, 'Time between two looks at a followed file, in milliseconds.'),
  // Each is a few lstat calls for every source that somebody watches.
  stateIntervalMs: delay(1000, 'Time between two looks at the state of a watched source, in milliseconds.'),
});

export type Limits = z.output<typeof limitsSchema>;
