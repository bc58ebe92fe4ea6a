import { expect, test } from 'vitest';
import { uuid7 } from '../../src/db/uuid.ts';

test('ids of version 7 grow, also within a millisecond, and tell when they were made', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, uuid7);
  expect([...new Set(ids)].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(String(ids[0]).replaceAll('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
});
