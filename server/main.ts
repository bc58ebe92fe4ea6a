import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Config } from '../src/config.ts';
import { makeDataDir } from '../src/data-dir.ts';
import { openEngine } from '../src/engine.ts';
import { targetOf } from './context.ts';
import { downloads } from './download.ts';
import { graphiql } from './graphiql.ts';
import { createGraphql } from './http.ts';
import { actionImport } from './import.ts';
import { streamIntake } from './intake.ts';
import { listen } from './listen.ts';
import { loggedEvents, openLog } from './log.ts';
import { otlp } from './otlp.ts';
import { answer, route } from './routes.ts';
import { serveSockets } from './socket.ts';
import { uploads } from './upload.ts';

export interface RunningServer {
  /** Base of all URLs, without a slash at the end. */
  url: string;
  /** Signs in whoever opens it first, as the built-in administrator, within 15 minutes. Null once they have a password. */
  signInUrl: string | null;
  sources: number;
  /** URL of the database, with its credentials: redact it before showing. */
  database: string;
  version: string;
  stop(): Promise<void>;
}

/** Time (ms) that clients have to end what they do when the server stops; containers are killed after 10 s. */
const graceMs = 2000;

/** Time (ms) for a client to send all of a request: an upload of the largest size, over a slow line. */
const longestRequestMs = 6 * 3600 * 1000;

/** @throws {OperatorError} when the port, the data directory or the database cannot be used */
export async function startServer(config: Config): Promise<RunningServer> {
  makeDataDir(config.dataDir);
  const log = openLog(config);
  const engine = await openEngine(config, loggedEvents(log));
  const [lifecycle, requests] = [log.named('tailql.server'), log.named('tailql.http')];
  const report = (fault: { requestId: string; path: string | null; error: unknown }) =>
    requests.error(fault, 'A request failed by a fault of the server');

  const graphql = createGraphql(engine, report);
  const pages = graphiql();
  const texts = downloads(engine);
  const imports = actionImport(engine);
  const received = uploads(engine);
  const [written, exported] = [streamIntake(engine), otlp(engine)];
  const server = createServer({ requestTimeout: longestRequestMs }, async (req, res) => {
    const requestId = randomUUID();
    res.setHeader('x-request-id', requestId);
    try {
      for (const part of [pages, texts, imports, received, written, exported]) if (await part.handle(req, res)) return;
      if (await route(engine, req, res)) return;
      await graphql(req, res, { req, res, requestId });
    } catch (error) {
      // Without what comes after it: codes and tokens of links are to stand in no log.
      report({ requestId, path: targetOf(req).path, error });
      if (!res.headersSent) answer(res, 500, { error: 'Something went wrong on the server.', requestId });
      else res.destroy();
    }
  });
  const sockets = serveSockets(server, graphql, engine, report);

  async function close(): Promise<void> {
    await engine.close();
    log.close();
  }

  try {
    const url = await listen(server, config);
    const code = await engine.access.createSignInCode();
    lifecycle.info({ url, version: engine.version, sources: engine.sourceCount }, 'Server started');
    return {
      url,
      signInUrl: code === null ? null : `${url}/sign-in?code=${code}`,
      sources: engine.sourceCount,
      database: config.databaseUrl,
      version: engine.version,
      async stop() {
        const closed = new Promise((resolve) => server.close(resolve));
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        await sockets.close();
        await closed;
        clearTimeout(cut);
        lifecycle.info('Server stopped');
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
