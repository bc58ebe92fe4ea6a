import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The maintenance database of the run's PostgreSQL; null where it is not installed. */
    postgresUrl: string | null;
  }
}

/** One PostgreSQL for the whole run; every test makes databases of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  if (postgres === null && process.env.CI === 'true') {
    throw new Error('PostgreSQL is not installed (apt-get install postgresql): CI must not skip its tests.');
  }
  if (postgres === null) {
    process.stderr.write('Skipping the tests on PostgreSQL: it is not installed (apt-get install postgresql).\n');
  }
  project.provide('postgresUrl', postgres?.url ?? null);
  return async () => {
    await postgres?.stop();
  };
}
