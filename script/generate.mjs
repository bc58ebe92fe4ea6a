// Writes everything that is derived and not committed: the Prisma client for either database and the Pothos types from
// the models, and the WebAssembly from its text. Runs on `npm ci`, so it is plain JavaScript and needs no network.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import wabt from 'wabt';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const models = 'prisma/schema.prisma';
const postgresqlModels = 'prisma/postgresql.prisma';

/** Replaces what must be there: a model file that was reworded must not silently give the wrong client. */
function replaceOnce(text, pattern, replacement) {
  if (!pattern.test(text)) throw new Error(`${models}: expected to find ${pattern}`);
  return text.replace(pattern, replacement);
}

function derivePostgresql(text) {
  let derived = replaceOnce(text, /^generator pothos \{[^}]*\}\n\n/m, '');
  derived = replaceOnce(derived, /"\.\.\/src\/db\/sqlite"/, '"../src/db/postgresql"');
  derived = replaceOnce(derived, /provider = "sqlite"/, 'provider = "postgresql"');
  // An Int has 64 bits in SQLite, where a BigInt cannot be the number of a row; in PostgreSQL it has 32.
  derived = replaceOnce(derived, /(?<= )Int(?= .*\/\/ 64 bits$)/gm, 'BigInt');
  return derived;
}

/** Runs a program of node_modules; its output is of interest only when it fails. */
async function run(program, args) {
  const env = {
    ...process.env,
    // The generator of the Pothos types is started by its name.
    PATH: [path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter),
    // `prisma generate` never runs the schema engine; naming any existing file stops the attempt to download one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  try {
    await promisify(execFile)(process.execPath, [path.join(root, 'node_modules', program), ...args], {
      cwd: root,
      env,
    });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    throw new Error(`${program} ${args.join(' ')} failed`);
  }
}

const prisma = (schema) => run('prisma/build/index.js', ['generate', '--no-hints', `--schema=${schema}`]);

/** Assembles the scanner. A TypeScript file takes its bytes into the bundle, and to whatever runs from the source. */
async function assemble(text, target) {
  const { parseWat } = await wabt();
  const parsed = parseWat(text, readFileSync(path.join(root, text), 'utf8'), { simd: true });
  parsed.validate();
  const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  writeFileSync(
    path.join(root, target),
    `/** ${text}, assembled; base64. */\nexport const needleModule =\n  '${base64}';\n`,
  );
}

await assemble('src/scan/needle.wat', 'src/scan/needle-module.ts');
writeFileSync(path.join(root, postgresqlModels), derivePostgresql(readFileSync(path.join(root, models), 'utf8')));
await Promise.all([prisma(models), prisma(postgresqlModels)]);
if (existsSync(path.join(root, 'codegen.ts'))) {
  await run('@graphql-codegen/cli/esm/bin.js', ['--config', 'codegen.ts']);
}
