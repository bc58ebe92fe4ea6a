import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino, stdSerializers } from 'pino';
import type { Config } from '../src/config.ts';
import type { EngineEvents } from '../src/events.ts';
import { packageRoot } from '../src/package.ts';
import { LogFile } from './log-file.ts';

/** The server's own log: JSON lines in the form that SYSTEM_LOG reads, so that it is a source like any other. */
export interface ServerLog {
  /** A logger of this name, such as `tailql.http`. */
  named(logger: string): Logger;
  close(): void;
}

export function openLog({ dataDir, logLevel }: Pick<Config, 'dataDir' | 'logLevel'>): ServerLog {
  const file = new LogFile(join(dataDir, 'log', 'system.jsonl'));
  const root = pino(
    {
      level: logLevel,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      serializers: { error: stdSerializers.err },
      mixin: callSite,
    },
    file,
  );
  return { named: (logger) => root.child({ logger }), close: () => file.close() };
}

/** Ours, but for this file: everything between it and the caller belongs to the logging library. */
const ownModule = /^(?!server[\\/]log\.)(src|schema|server)[\\/]/;

/** Where a record was logged. Records are rare enough for a stack to be taken for each. */
function callSite(): { module?: string; function?: string; line?: number } {
  for (const frame of new Error().stack?.split('\n').slice(1) ?? []) {
    const [, name, path, line] = /^\s*at (?:(?:async )?(\S+) .*?\()?(\S+?):(\d+):\d+\)?$/.exec(frame) ?? [];
    if (path === undefined) continue;
    const module = relative(packageRoot, path.startsWith('file:') ? fileURLToPath(path) : path);
    if (ownModule.test(module)) {
      return { module: module.replace(/\.ts$/, ''), ...(name && { function: name }), line: Number(line) };
    }
  }
  return {};
}

/** The engine's events as log records. */
export function loggedEvents(log: ServerLog): EngineEvents {
  const [file, reader, engine] = [log.named('tailql.file'), log.named('tailql.reader'), log.named('tailql.engine')];
  return {
    fileOpened: (event) => file.debug(event, 'Following a file'),
    fileClosed: (event) => file.debug(event, 'No longer following a file'),
    fileRotated: (event) => file.info(event, 'A followed file was rotated'),
    fileUnreadable: (event) => file.warn(event, 'A followed file cannot be read'),
    watchUnavailable: (event) =>
      file.warn(event, 'Changes are not announced in a directory; its files are only polled'),
    sourcesLeftOut: (event) =>
      file.warn(event, 'The patterns of the configuration match too many files; some are left out'),
    readerLagged: (event) => reader.info(event, 'A reader was slower than its log'),
    failed: ({ doing, error }) => engine.error({ error }, `Failed: ${doing}`),
  };
}
