#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { OperatorError } from '../src/errors.ts';
import { packageVersion } from '../src/package.ts';
import { analyzeCommand } from './analyze-command.ts';
import { auditCommand } from './audit-command.ts';
import { banner } from './banner.ts';
import { configCommand } from './config/command.ts';
import type { Flags } from './config/flag.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { nearest } from './config/near.ts';

/** An error nobody foresaw: EX_SOFTWARE of sysexits.h. */
const internalErrorCode = 70;

/** A second signal while stopping: 128 + SIGINT, as shells report it. */
const interruptedCode = 130;

const write = (text: string): void => {
  process.stdout.write(text);
};

/** Ends the process with what went wrong on standard error: for an operator a sentence, never a stack. */
function fail(error: unknown): never {
  if (error instanceof OperatorError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
  // Commander has already written its message, and its exit code for any misuse is 1.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  // Prisma's messages begin with an empty line.
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  process.stderr.write(`internal error: ${line}\n`);
  if (process.env.TAILQL_LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(internalErrorCode);
}

/** Runs the server until SIGINT or SIGTERM. */
async function start({ config }: LoadedConfig): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  // Installed before the server starts: process 1 of a container has no default handlers.
  const stopped = new Promise<void>((resolve) => {
    const first = (): void => {
      for (const signal of signals) process.off(signal, first).on(signal, () => process.exit(interruptedCode));
      resolve();
    };
    for (const signal of signals) process.on(signal, first);
  });
  // So that what the server logs about itself names lines of its source, not of the bundle.
  process.setSourceMapsEnabled(true);
  // The server takes longer to load than everything else; the other commands do without.
  const { startServer } = await import('./main.ts');
  const server = await startServer(config);
  // Entries come one at a time, so what handles them is rarely hot for long: better compiled once, and plainly, at its
  // first call. From here on, for starting is over sooner without.
  setFlagsFromString('--always-sparkplug');
  write(banner({ ...server, dataDir: config.dataDir }));
  await stopped;
  await server.stop();
  process.exit(0);
}

function program(): Command {
  const tailql = new Command('tailql')
    .description('A GraphQL API for logs.')
    .version(packageVersion)
    .option('--config <file>', 'configuration file (default: tailql.config.yaml in the working directory, if any)')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'TCP port to listen on; 0 for any free one')
    .option('--data-dir <directory>', 'directory for everything the server keeps')
    .option('--database-url <url>', 'file:PATH or postgresql://USER:PASSWORD@HOST/NAME')
    .configureHelp({ showGlobalOptions: true })
    // Before the commands are made: they inherit it.
    .exitOverride();
  const load = (): LoadedConfig =>
    loadConfig({ flags: tailql.opts<Flags>(), environment: process.env, directory: process.cwd() });

  tailql
    .command('start', { isDefault: true })
    .description('run the server (default)')
    // Being the default, it is also given the name of a command that does not exist.
    .allowExcessArguments()
    .action((_options: unknown, { args: [name] }: Command) => {
      if (name === undefined) return start(load());
      const meant = nearest(name, ['start', 'config', 'token', 'audit', 'analyze']);
      return tailql.error(`error: unknown command '${name}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
    });

  configCommand(tailql, load, write);
  auditCommand(tailql, write);
  analyzeCommand(tailql, write);

  tailql
    .command('token')
    .description('credentials for programs')
    .command('create')
    .description('make a token and print it; it is not shown again')
    .argument('<name>', 'what the token is for')
    .requiredOption(
      '--scope <scopes>',
      'what it may do, repeatable or separated by commas: LOGS_READ, LOGS_WRITE, ACTIONS_READ, ACTIONS_WRITE, ' +
        'SOURCES_WRITE, ANALYSES_WRITE, ADMIN',
      (text: string, scopes: string[] = []) => [...scopes, ...text.split(',').map((scope) => scope.trim())],
    )
    .action(async (name: string, { scope }: { scope: string[] }) => {
      const { config } = load();
      const { createToken } = await import('./token-command.ts');
      write(`${await createToken(config, name, scope)}\n`);
    });

  return tailql;
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
await program().parseAsync().catch(fail);
