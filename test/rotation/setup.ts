import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ConfigInput, defaultConfig } from '../../src/config.ts';
import { openEngine } from '../../src/engine.ts';
import { strictEvents } from '../support/engine.ts';
import { LineTail } from './line-tail.ts';

/** The log of a test that needs but one. */
export const name = 'app.log';

/** An engine for the logs of these names in `directory`/logs, that can be stopped and started again. */
export async function setUp(directory: string, names: string[] = [name], limits: ConfigInput['limits'] = {}) {
  const logs = join(directory, 'logs');
  mkdirSync(logs);
  const config = defaultConfig({
    dataDir: join(directory, 'data'),
    sources: names.map((each) => ({ path: join(logs, each), name: each, format: 'TEXT' as const })),
    limits: { pollIntervalMs: 20, ...limits },
  });
  let engine = await openEngine(config, strictEvents());
  onTestFinished(() => engine.close());
  return {
    logs,
    path: join(logs, name),
    follow: (start: { last?: number; after?: string } = {}, log = name) => LineTail.open(engine, log, start),
    engine: () => engine,
    async restart() {
      await engine.close();
      engine = await openEngine(config, strictEvents());
    },
  };
}
