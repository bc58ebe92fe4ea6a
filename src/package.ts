import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface Package {
  root: string;
  version: string;
}

/** The nearest package.json of ours above this module: one step away in the source, in dist/ as well. */
function findPackage(): Package {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = path.join(directory, 'package.json');
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
      if (name === 'tailql') return { root: directory, version: String(version) };
    }
    const parent = path.dirname(directory);
    if (parent === directory) throw new Error(`No package.json of tailql above ${fileURLToPath(import.meta.url)}`);
    directory = parent;
  }
}

const found = findPackage();

/** Absolute path of the directory that holds package.json, prisma/ and dist/. */
export const packageRoot = found.root;

/** Version of this program, as in package.json. */
export const packageVersion = found.version;
