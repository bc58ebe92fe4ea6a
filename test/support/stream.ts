import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeGlobalID } from '@pothos/plugin-relay';
import type { PrismaClient } from '../../src/db/client.ts';
import { foldedName } from '../../src/source/name.ts';
import { streamLocation } from '../../src/source/owned-logs.ts';
import type { TestServer } from './server.ts';

export interface TestStream {
  id: string;
  globalId: string;
  append(...messages: string[]): Promise<void>;
}

/** A stream of somebody, with its row and its file, whoever else writes to such. */
export async function streamOf(
  { config }: Pick<TestServer, 'config'>,
  client: PrismaClient,
  { ownerId, name }: { ownerId: string; name: string },
): Promise<TestStream> {
  const format = 'SYSTEM_LOG';
  const row = { name, foldedName: foldedName(name), kind: 'STREAM', format, ownerId, stream: { create: {} } } as const;
  const { id } = await client.source.create({ data: row });
  const location = streamLocation(config.dataDir, { id, format });
  if (location.kind !== 'rotated') throw new Error('A stream of system records is one file.');
  const { path } = location;
  await mkdir(dirname(path), { recursive: true });
  const timestamp = '2026-11-21T10:50:54.000Z';
  return {
    id,
    globalId: encodeGlobalID('Source', id),
    append: (...messages) =>
      appendFile(
        path,
        messages
          .map((message) => `${JSON.stringify({ timestamp, level: 'INFO', logger: 'test', message })}\n`)
          .join(''),
      ),
  };
}
