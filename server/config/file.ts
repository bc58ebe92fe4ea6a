import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Layer } from './layer.ts';
import type { Path } from './tree.ts';

/** Read when no --config says otherwise, from the working directory. */
export const defaultFile = 'tailql.config.yaml';

/** Configurations are written by hand; a larger file was named by mistake, and would take long to parse. */
const maxFileBytes = 1024 * 1024;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/**
 * The layer that the configuration file makes; undefined when none was named and the working directory has none.
 * @param named what --config says, if anything
 */
export function readConfigFile(named: string | undefined, directory: string): Layer | undefined {
  const file = named ?? defaultFile;
  const path = resolve(directory, file);
  const failed = (problem: string): Layer => ({ ...parseYaml('', file), problems: [problem], base: dirname(path) });
  try {
    if (statSync(path).size > maxFileBytes) return failed(`${file}: larger than 1 MiB; name a configuration file`);
    return { ...parseYaml(readFileSync(path, 'utf8'), file), base: dirname(path) };
  } catch (error) {
    const code = codeOf(error);
    if (typeof code !== 'string') throw error;
    if (named === undefined && code === 'ENOENT') return undefined;
    if (code === 'ENOENT') return failed(`--config: there is no file ${JSON.stringify(file)}`);
    return failed(`${file}: cannot be read (${code})`);
  }
}

/**
 * Reads YAML 1.2. What the parser says is not repeated, for it may quote a secret; its error codes are short and say
 * enough with the position.
 */
export function parseYaml(text: string, file: string): Omit<Layer, 'base'> {
  const lines = new LineCounter();
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const unreadable = (why: string): Omit<Layer, 'base'> => ({
    values: {},
    problems: [`${file}: cannot be read as YAML (${why})`],
    placeOf: () => file,
  });

  let document: ReturnType<typeof parseDocument>;
  let values: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    values = document.errors.length > 0 ? {} : (document.toJS() ?? {});
  } catch (error) {
    if (error instanceof ReferenceError) return unreadable('an alias without its anchor, or too many aliases');
    throw error;
  }

  // Of a line only the first error counts: the others follow from it.
  const problems = new Map<number, string>();
  for (const { pos, code } of document.errors) {
    const { line } = lines.linePos(pos[0]);
    if (problems.has(line)) continue;
    problems.set(line, `${placeAt(pos[0])}: cannot be read as YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
  }
  const nodeAt = (path: Path): unknown => (path.length === 0 ? document.contents : document.getIn(path, true));
  const placeOf: Layer['placeOf'] = (path, part) => {
    if (part === 'key') {
      const parent = nodeAt(path.slice(0, -1));
      const keys = isMap(parent) ? parent.items.map((pair) => pair.key) : [];
      const key = keys.find((candidate) => isScalar(candidate) && String(candidate.value) === path.at(-1));
      if (isNode(key) && key.range) return placeAt(key.range[0]);
    }
    // What is missing, or comes through an alias, has no place of its own: then that of what encloses it.
    for (let length = path.length; length >= 0; length--) {
      const node = nodeAt(path.slice(0, length));
      if (isNode(node) && node.range) return placeAt(node.range[0]);
    }
    return file;
  };
  return { values, problems: [...problems.values()], placeOf };
}
