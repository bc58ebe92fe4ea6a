import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Principal, scopesOfRole } from '../../src/access/principal.ts';
import { type ConfigInput, defaultConfig } from '../../src/config.ts';
import { type Engine, openEngine } from '../../src/engine.ts';
import type { EngineEvents } from '../../src/events.ts';

/** An administrator, as far as the engine can tell. */
export const administrator: Principal = {
  kind: 'user',
  userId: '00000000-0000-7000-8000-000000000000',
  username: 'admin',
  role: 'ADMIN',
  scopes: scopesOfRole('ADMIN'),
  credential: 'session',
  expiresAt: null,
};

/** A directory of its own, gone when the test is. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tailql-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Events, of which those that must not happen fail the test. */
export function strictEvents(overrides: Partial<EngineEvents> = {}): EngineEvents {
  const ignore = () => {};
  return {
    fileOpened: ignore,
    fileClosed: ignore,
    fileRotated: ignore,
    fileUnreadable: ignore,
    watchUnavailable: ignore,
    sourcesLeftOut: ignore,
    readerLagged: ignore,
    failed: ({ doing, error }) => {
      throw new Error(`Failed: ${doing}`, { cause: error });
    },
    ...overrides,
  };
}

/** An engine over these sources, closed when the test is finished. */
export async function startEngine(
  config: ConfigInput & { dataDir: string },
  events: Partial<EngineEvents> = {},
): Promise<Engine> {
  const engine = await openEngine(defaultConfig(config), strictEvents(events));
  onTestFinished(() => engine.close());
  return engine;
}

export async function sourceId(engine: Engine, name: string): Promise<string> {
  const source = await engine.sources.find(administrator, { name });
  if (source === null) throw new Error(`There is no source "${name}".`);
  return source.id;
}
