import { bucketOf, changedDistribution } from '../../src/action/distribution.ts';
import { type Level, rollupKey } from '../../src/action/rollup-key.ts';
import { bytesOf, numberOf, type Sql } from '../../src/db/sql.ts';

/** What a rollup says: count, sum, longest, and the distribution in hexadecimal. */
export type RollupFacts = [count: number, sumUs: number, maxUs: number, durations: string];

/** The rollups but those of minutes as they are stored, by their key. */
export async function storedRollups(sql: Sql): Promise<Map<number, RollupFacts>> {
  const rows = await sql.read(
    'SELECT "key", "count", "sumUs", "maxUs", "durations" FROM "ActionRollup" WHERE "key" >= $1 ORDER BY "key"',
    [rollupKey(1, 0, 0)],
  );
  return new Map(
    rows.map(([key, count, sumUs, maxUs, durations]) => [
      numberOf(key),
      [numberOf(count), numberOf(sumUs), numberOf(maxUs), Buffer.from(bytesOf(durations)).toString('hex')],
    ]),
  );
}

/** What they should be, by counting the actions that are there. */
export async function recountedRollups(sql: Sql): Promise<Map<number, RollupFacts>> {
  const rows = await sql.read('SELECT "seriesId", "timestamp", "durationUs" FROM "Action"', []);
  const durations = new Map<number, number[]>();
  for (const row of rows) {
    for (const level of [1, 2, 3] satisfies Level[]) {
      const key = rollupKey(level, numberOf(row[1]), numberOf(row[0]));
      const own = durations.get(key) ?? [];
      durations.set(key, own);
      own.push(numberOf(row[2]));
    }
  }
  const keys = [...durations.keys()].sort((a, b) => a - b);
  return new Map(
    keys.map((key) => {
      const own = durations.get(key) ?? [];
      const bytes = changedDistribution(new Uint8Array(), own.map(bucketOf), 1);
      const sum = own.reduce((one, other) => one + other, 0);
      return [
        key,
        [own.length, sum, own.reduce((one, other) => Math.max(one, other), 0), Buffer.from(bytes).toString('hex')],
      ];
    }),
  );
}
