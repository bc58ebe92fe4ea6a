import { type Config, completeConfig, configSchema } from '../../src/config.ts';
import { OperatorError } from '../../src/errors.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { type Flags, readFlags } from './flag.ts';
import { jsonSchema, keysOf } from './key.ts';
import type { Layer } from './layer.ts';
import { type Issue, problemsOf } from './problem.ts';
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

  // Each layer is checked as a whole configuration, also for what another overrides; what it lacks, another may have.
  const problems = layers.flatMap((layer) => {
    const issues = configSchema.safeParse(layer.values).error?.issues ?? [];
    const own = issues.filter((issue) => !lacksKey(issue, layer));
    return [...layer.problems, ...own.flatMap((issue) => problemsOf(issue, layer, root))];
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
  const { data, error } = configSchema.safeParse(merged);
  if (data === undefined) {
    const found = error.issues.flatMap((issue) => problemsOf(issue, layerOf(issue, layers), root));
    throw new OperatorError(explain(found), 2);
  }
  const config = completeConfig(data, (key) => setBy.get(key)?.base ?? directory);
  return { config, origins };
}

/** Whether all that is wrong is that something of a section is not there. Lists are of one layer, and so whole there. */
const lacksKey = ({ code, path }: Issue, { values }: Layer): boolean =>
  code === 'invalid_type' && path.every((part) => typeof part === 'string') && valueAt(values, path) === undefined;

/** The layer in whose words to tell what is wrong with all of them together: the last that has something of the section. */
function layerOf({ path }: Issue, layers: Layer[]): Layer {
  const section = path.slice(0, -1).filter((part) => typeof part === 'string');
  const layer = layers.findLast(({ values }) => valueAt(values, section) !== undefined) ?? layers.at(-1);
  if (layer === undefined) throw new TypeError('The defaults are not valid.');
  return layer;
}
