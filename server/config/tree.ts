/** Mappings within mappings, as YAML and JSON have them; nothing is known yet of what they hold. */
export type Tree = { [name: string]: unknown };

/** Names (and list positions) that lead to a value, outermost first. */
export type Path = readonly PropertyKey[];

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** The value at `path`; undefined where there is none. Lists are entered by position. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const name of path) {
    if (!isTree(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[String(name)];
  }
  return value;
}

/** Puts a value at `path`, making the mappings that lead to it. */
export function setAt(tree: Tree, [name, ...rest]: readonly string[], value: unknown): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = tree[name];
  const branch = isTree(inner) ? inner : {};
  tree[name] = branch;
  setAt(branch, rest, value);
}

/** `sources[0].path`; names that would not be readable are quoted. */
export const nameOf = (path: Path): string =>
  path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = String(part);
      return `.${/^[\w-]{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, 60))}`;
    })
    .join('')
    .replace(/^\./, '');
