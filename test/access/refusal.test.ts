import { expect, test } from 'vitest';
import { startEngine, temporaryDirectory } from '../support/engine.ts';
import { filesBelow } from './directory.ts';

test('whoever guesses tokens is recorded, but cannot fill the disk with it', async () => {
  const dataDir = await temporaryDirectory();
  const engine = await startEngine({ dataDir, sources: [] });
  for (let guess = 0; guess < 300; guess++) {
    await expect(engine.access.authenticate(`Bearer tailql_${guess}`, '127.0.0.1')).rejects.toThrow('not valid');
  }
  const text = [...(await filesBelow(dataDir))].map(([path, content]) => (path.endsWith('.jsonl') ? content : ''));
  const recorded = text.join('').match(/"access_denied"/g)?.length ?? 0;
  expect(recorded).toBeGreaterThanOrEqual(60);
  // 60 a minute, and a minute may have ended meanwhile, which is one more record.
  expect(recorded).toBeLessThanOrEqual(121);
});
