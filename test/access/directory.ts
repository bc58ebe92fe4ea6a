import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file below a directory, by path, with its bytes as Latin-1 text. */
export async function filesBelow(directory: string): Promise<Map<string, string>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}
