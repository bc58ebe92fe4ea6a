// Bundles the programs into dist/: one file starts in a third of the time that a thousand modules take. What is
// imported by `import()` becomes a chunk of its own and is read only when it is needed.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Name in dist/ -> source. */
const entryPoints = {
  tailql: 'server/cli.ts',
  'scan-worker': 'src/scan/worker.ts',
  'action-thread': 'src/action/batch-thread.ts',
  'checkpoint-thread': 'src/db/checkpoint-thread.ts',
};

const external = [
  'better-sqlite3', // native
  'pg-native', // optional, and not installed
  '@prisma/schema-engine-wasm', // reads the .wasm file beside it
  '@graphql-yoga/render-graphiql', // 9 MB, loaded when somebody opens GraphiQL
  'piscina', // starts its threads with a file of its own
];

/**
 * A map without content for what is not ours: the maps of all packages would be many times the size of the program.
 * It needs one mapping, for esbuild takes an empty one for none.
 */
const ownSourceMapsOnly = {
  name: 'own-source-maps-only',
  setup(build) {
    const map = { version: 3, sources: ['package'], sourcesContent: [''], mappings: 'AAAA' };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
    build.onLoad({ filter: /node_modules[\\/].*\.[cm]?js$/ }, async ({ path: file }) => ({
      contents: `${await readFile(file, 'utf8')}\n//# sourceMappingURL=${url}`,
      loader: 'default',
    }));
  },
};

/** One copy of graphql, whether a package requires or imports it: two do not know each other's classes. */
const oneGraphql = {
  name: 'one-graphql',
  setup(build) {
    const directory = path.dirname(fileURLToPath(import.meta.resolve('graphql')));
    build.onResolve({ filter: /^graphql(\/.*)?$/ }, ({ path: name }) => {
      const file = path.join(directory, name.slice('graphql'.length));
      return { path: [`${file}.mjs`, path.join(file, 'index.mjs')].find((one) => existsSync(one)) };
    });
  },
};

const outdir = path.join(root, 'dist');
await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  splitting: true,
  sourcemap: true,
  // Some packages inside are CommonJS and call require for what Node brings along.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module';\nconst require = createBundleRequire(import.meta.url);",
  },
  external,
  define: { 'process.env.NODE_ENV': '"production"', 'globalThis.process.env.NODE_ENV': '"production"' },
  plugins: [oneGraphql, ownSourceMapsOnly],
  logLevel: 'warning',
});

// The part of GraphiQL's page that is ours; the server reads it and sends it to browsers.
await build({
  absWorkingDir: root,
  entryPoints: { graphiql: 'server/graphiql/browser.ts' },
  outdir: path.join(outdir, 'browser'),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'warning',
});
