import { join } from 'node:path';
import { type Principal, scopesOfRole } from '../../src/access/principal.ts';
import { defaultConfig } from '../../src/config.ts';
import { openEngine } from '../../src/engine.ts';
import type { EngineEvents } from '../../src/events.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import type { Stage } from '../bench.ts';

const administrator: Principal = {
  ...{ kind: 'user', userId: '00000000-0000-7000-8000-000000000000', username: 'bench', role: 'ADMIN' },
  ...{ scopes: scopesOfRole('ADMIN'), credential: 'session', expiresAt: null },
};

const ignore = (): void => {};
const events: EngineEvents = {
  ...{ fileOpened: ignore, fileClosed: ignore, fileRotated: ignore, fileUnreadable: ignore },
  ...{ watchUnavailable: ignore, sourcesLeftOut: ignore, readerLagged: ignore },
  failed: ({ doing, error }) => {
    throw new Error(`Failed: ${doing}`, { cause: error });
  },
};

/** Asks an engine in this process for the first 100 entries of a log that fulfil a filter: what HTTP and GraphQL add is left out. */
export async function openInProcess(stage: Stage, path: string): Promise<(filter: FilterInput) => Promise<number>> {
  const dataDir = join(stage.directory, 'in-process');
  const sources = [{ name: 'log', path, format: 'NGINX_ACCESS' as const }];
  const engine = await openEngine(defaultConfig({ dataDir, sources }), events);
  stage.defer(() => engine.close());
  const source = await engine.sources.find(administrator, { name: 'log' });
  if (source === null) throw new Error('The log is no source.');
  return async (filter) => {
    const page = await engine.logs.page(administrator, source, { take: { first: 100 }, filter });
    return page.entries.length;
  };
}
