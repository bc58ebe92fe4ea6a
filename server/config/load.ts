import { type Config, completeConfig, configSchema } from '../../src/config.ts';
import { OperatorError } from '../../src/errors.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { type Flags, readFlags } from './flag.ts';
import { jsonSchema, keysOf } from './key.ts';
import type { Layer } from './layer.ts';
import { problemsOf } from './problem.ts';
import { setAt, type Tree, valueAt } from './tree.ts';

/** What a configuration is read from besides its file. */
export interface Surroundings {
  flags: Flags;
  environment: Environment;
  /** Working directory: holds the file unless --config names one, and relative paths of flags and variables. */
  directory: string;
}

export interface LoadedConfig {
  config: Config;
  /** Where each key that is not left at its default was set, by dotted name. */
  origins: ReadonlyMap<string, string>;
}

/** More than anybody reads at once. */
const maxProblems = 50;

/** Problems beyond the first ones are only counted. */
function explain(problems: readonly string[]): string {
  const more = problems.length - maxProblems;
  return [...problems.slice(0, maxProblems), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/**
 * Reads the configuration: flags win over the environment, that over the file, that over the defaults.
 * Throws OperatorError (exit code 2) that names every problem of every layer, one on each line, and shows no secret.
 */
export function loadConfig({ flags, environment, directory }: Surroundings): LoadedConfig {
  const root = jsonSchema();
  const keys = keysOf(root);
  const layers = [
    readConfigFile(flags.config, directory),
    readEnvironment(environment, keys, directory),
    readFlags(flags, keys, directory),
  ].filter((layer) => layer !== undefined);

  // Every key may be left out, so each layer is checked as a whole configuration, also for what another overrides.
  const problems = layers.flatMap((layer) => {
    const issues = configSchema.safeParse(layer.values).error?.issues ?? [];
    return [...layer.problems, ...issues.flatMap((issue) => problemsOf(issue, layer, root))];
  });
  if (problems.length > 0) throw new OperatorError(explain(problems), 2);

  const merged: Tree = {};
  const setBy = new Map<string, Layer>();
  const origins = new Map<string, string>();
  for (const { path, name } of keys) {
    const layer = layers.findLast(({ values }) => valueAt(values, path) !== undefined);
    if (layer === undefined) continue;
    setAt(merged, path, valueAt(layer.values, path));
    setBy.set(name, layer);
    origins.set(name, layer.placeOf(path, 'value'));
  }
  const config = completeConfig(configSchema.parse(merged), (key) => setBy.get(key)?.base ?? directory);
  return { config, origins };
}
