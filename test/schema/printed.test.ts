import { readFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';

test('schema/schema.graphql is what the code prints', () => {
  const committed = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;
  // Compared as a whole, so that the difference is shown.
  expect(committed, 'The graph has changed: run `npx tsx script/print-schema.ts`.').toBe(printed);
});
