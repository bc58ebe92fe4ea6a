import type { Entry } from './operations.ts';
import type { Connection } from './socket.ts';

export interface TailOptions extends Connection {
  /** Id of the source. */
  source: string;
  /** Only entries that it finds, such as `timeout status>=500`; everything when it is left out. */
  search?: string | undefined;
  /** Called with the last 20 entries that were found, then with every new one: in order, and each once. */
  onEntries: (entries: Entry[]) => void;
  /** Called when entries were lost before they could be read, as when their file was deleted or emptied. */
  onLoss: (reason: string) => void;
  /** Ends the tail. */
  signal: AbortSignal;
}

interface Example {
  listSources: (connection: Connection) => Promise<{ id: string; name: string; format: string; state: string }[]>;
  tail: (options: TailOptions) => Promise<void>;
}

/**
 * Prints the entries of the source named on the command line that the search after it finds, until Ctrl-C; without a
 * name, the sources there are.
 */
export async function program({ listSources, tail }: Example): Promise<void> {
  const { TAILQL_URL: url = 'http://127.0.0.1:4000/graphql', TAILQL_TOKEN } = process.env;
  if (TAILQL_TOKEN === undefined)
    return fail('Set TAILQL_TOKEN to what `npx tailql token create NAME --scope LOGS_READ` prints.');
  // A program that gets new tokens while it runs, as browsers do, returns the newest here.
  const connection = { url, token: () => TAILQL_TOKEN };
  const [name, search] = process.argv.slice(2);
  try {
    const sources = await listSources(connection);
    const source = sources.find((source) => source.name === name);
    if (source === undefined) {
      for (const { name, format, state } of sources) console.log(`${name}  (${format}, ${state})`);
      return fail(
        name === undefined ? 'Name one of these sources.' : `There is no source "${name}"; name one of these.`,
      );
    }
    const stopped = new AbortController();
    process.once('SIGINT', () => stopped.abort());
    await tail({
      ...connection,
      source: source.id,
      search,
      onEntries: (entries) => console.log(entries.map(lineOf).join('\n')),
      onLoss: (reason) => console.error(`Entries were lost: ${reason}`),
      signal: stopped.signal,
    });
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

/** An entry as a line of text. Logs hold what strangers sent: control characters must not reach the terminal. */
function lineOf(entry: Entry): string {
  const line = [entry.timestamp ?? '-', entry.level, ...textOf(entry)].join('  ');
  return line.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** What a type of entry has to say. A type that is missing here does not compile once the schema has it. */
function textOf(entry: Entry): (string | number | null)[] {
  const { message } = entry;
  switch (entry.__typename) {
    case 'TextLogEntry':
      return [entry.raw];
    case 'AccessLogEntry':
      return [
        entry.status,
        entry.method,
        entry.path,
        entry.remoteAddress,
        entry.durationMs && `${entry.durationMs} ms`,
      ];
    case 'ErrorLogEntry':
      return [entry.subsystem, message, entry.request, entry.client];
    case 'SlowQueryLogEntry':
      return [`${entry.queryTimeMs} ms`, entry.database, entry.rowsExamined && `${entry.rowsExamined} rows`, entry.sql];
    case 'SyslogLogEntry':
      return [entry.host, entry.pid === null ? entry.process : `${entry.process}[${entry.pid}]`, message];
    case 'SystemLogEntry':
      return [entry.logger, entry.module && `${entry.module}:${entry.line}`, message];
    case 'AuditLogEntry':
      return [entry.action, message, JSON.stringify(entry.metadata)];
    default:
      // A server that is newer than this program may send other types: all have a message.
      entry satisfies never;
      return [message];
  }
}
