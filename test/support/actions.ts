import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { AuditLog } from '../../src/access/audit.ts';
import type { Action } from '../../src/action/action.ts';
import { Actions } from '../../src/action/actions.ts';
import { type ConfigInput, defaultConfig } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';
import { strictEvents, temporaryDirectory } from './engine.ts';

export interface TestActions {
  actions: Actions;
  database: Database;
  dataDir: string;
}

/** An action log in the database at a URL, without anything around it; closed when the test is finished. */
export async function openActions(url: string, config: ConfigInput = {}): Promise<TestActions> {
  const dataDir = await temporaryDirectory();
  await migrate(url);
  const database = await openDatabase(url);
  const audit = new AuditLog(dataDir);
  const complete = defaultConfig({ ...config, dataDir, databaseUrl: url });
  const actions = await Actions.open(complete, { database, audit, events: strictEvents() });
  onTestFinished(async () => {
    await actions.close();
    audit.close();
    await database.close();
  });
  return { actions, database, dataDir };
}

/** An action as a service reports it; all that is not given is the same for all. */
export const reported = (values: object = {}) => ({
  service: 'shop',
  action: 'pay',
  status: 'SUCCESS',
  durationMs: 12.5,
  ...values,
});

/** Days and hours around which random actions happen: some are in the past of the minutes that are kept. */
export const arbitraryReport = (now: number) =>
  fc.record(
    {
      timestamp: fc
        .oneof(
          fc.integer({ min: -5 * 86_400_000, max: 0 }),
          fc.integer({ min: -7_200_000, max: 0 }),
          fc.constant(-3_600_000),
        )
        .map((ago) => new Date(now + ago)),
      service: fc.constantFrom('shop', 'Mail', 'straße'),
      action: fc.constantFrom('pay', 'send', 'Send'),
      status: fc.constantFrom('SUCCESS', 'FAILED'),
      durationMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 1e6, noNaN: true })),
      error: fc.option(fc.constantFrom('Timeout', 'time out', 'No route to STRASSE', 'nul\0l', '')),
    },
    { requiredKeys: ['timestamp', 'service', 'action', 'status', 'durationMs'] },
  );

/** What of an action does not depend on when and where it was recorded. */
export const facts = ({ series: { service, action, status }, timestamp, durationUs, error, metadata }: Action) => ({
  service,
  action,
  status,
  timestamp,
  durationUs,
  error,
  metadata,
});
