import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Head } from './head.ts';

/** Beside the files of a chain: the head of the last record that was removed from its beginning. */
export const anchorName = 'anchor.json';

const headSchema = z.strictObject({
  // A number of 64 bits is text in an answer of the API.
  sequence: z.union([
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ]),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  signedAt: z.string(),
  signature: z.string(),
  publicKey: z.string(),
});

/** @throws {SyntaxError} when the text is no head */
export function parseHead(text: string): Head {
  const { data } = headSchema.safeParse(JSON.parse(text));
  if (data === undefined) throw new SyntaxError('Not a head of an audit stream.');
  return data;
}

/** The anchor of a chain; null: nothing was removed yet. */
export async function readAnchor(directory: string): Promise<Head | null> {
  const text = await readFile(join(directory, anchorName), 'utf8').catch(() => null);
  return text === null ? null : parseHead(text);
}

/** On the disk when this resolves, in place of the one before: only then may the records go. */
export async function writeAnchor(directory: string, head: Head): Promise<void> {
  const path = join(directory, anchorName);
  const handle = await open(`${path}~`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(head)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}~`, path);
}
