import { ofItsOwn, shapeOf, wildcard } from './shape.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';

/** Most that are told apart at once; so many take some megabytes. */
const mostRoutes = 20_000;

/** Parts of a path that are looked at: what comes after them counts as one value. */
const mostParts = 12;

/** When a part of a path is a name, and no value. */
interface Naming {
  /** It has at least this share of what is asked for beside it, and was asked for twice. */
  share: number;
  /** Or there are at most so many others that have less. */
  others: number;
}

const naming: Naming = { share: 0.02, others: 10 };

/** Where there is no room: the last leaves one route for each length. */
const stricter: readonly Naming[] = [naming, { share: 0.1, others: 5 }, { share: Number.POSITIVE_INFINITY, others: 0 }];

/** What was asked for at one place of all paths. Plain data, for it is sent from thread to thread. */
export interface RouteNode {
  /** By the next part. */
  children: Map<string, RouteNode>;
  /** Of requests that end here, by status. */
  tallies: Map<number, Tally>;
}

const emptyNode = (): RouteNode => ({ children: new Map(), tallies: new Map() });

/**
 * What requests ask for, by method, path and status, where parts of a path that are values are `<*>`: `GET /users/<*> 200`.
 * In a path `/` says where a part begins, so that one look at what stands beside it tells whether it is a name; messages
 * have no such marks (./miner.ts).
 *
 * Bounded, whatever is asked for: when there are too many, parts are taken for values that are rare by then. Nothing that
 * was counted is lost.
 */
export class Routes {
  readonly #root = emptyNode();
  #size = 0;
  #version = 0;

  /** Changes whenever nodes may have become others. */
  get version(): number {
    return this.#version;
  }

  get root(): RouteNode {
    return this.#root;
  }

  /** @param path without what follows a `?` */
  nodeOf(method: string, path: string): RouteNode {
    let node = this.#root;
    for (const part of partsOf(method, path)) node = childOf(node, part);
    return node;
  }

  /** What is counted of requests that end at a node. Good until the version changes. */
  tallyAt(node: RouteNode, status: number): Tally {
    return node.tallies.get(status) ?? this.#newTally(node, status);
  }

  #newTally(node: RouteNode, status: number): Tally {
    const tally = emptyTally();
    node.tallies.set(status, tally);
    this.#size++;
    return tally;
  }

  /** Makes room for more: call it before a node, or a tally at one, is asked for. */
  makeRoom(): void {
    if (this.#size < mostRoutes) return;
    for (const rule of stricter) if (this.#size > mostRoutes / 2) this.#collapse(rule);
  }

  /** Adds what was counted of other requests. */
  add(root: RouteNode): void {
    this.#size += addNode(this.#root, root);
    this.#version++;
    this.makeRoom();
  }

  /** What is counted of a request like this; undefined where there is none. */
  find(method: string, path: string, status: number): Tally | undefined {
    let node: RouteNode | undefined = this.#root;
    for (const part of partsOf(method, path)) node = node?.children.get(part) ?? node?.children.get(wildcard);
    return node?.tallies.get(status);
  }

  /** The template of each tally. What is rare by now is taken for a value. */
  templates(): [template: string, tally: Tally][] {
    this.#collapse(naming);
    const templates: [string, Tally][] = [];
    for (const [method, node] of this.#root.children) collect(node, method, null, templates);
    return templates;
  }

  #collapse(rule: Naming): void {
    this.#version++;
    this.#size -= collapse(this.#root, rule);
  }
}

/** A method, and the parts of a path with `<*>` for what is surely a value. */
function partsOf(method: string, path: string): string[] {
  const parts = path.split('/', mostParts + 1).map(shapeOf);
  if (parts.length > mostParts) parts[mostParts] = wildcard;
  return [method, ...parts];
}

function childOf(node: RouteNode, part: string): RouteNode {
  const known = node.children.get(part);
  if (known !== undefined) return known;
  const child = emptyNode();
  node.children.set(ofItsOwn(part), child);
  return child;
}

/** How many requests there are at a node and beyond it. */
function countOf({ children, tallies }: RouteNode): number {
  let count = 0;
  for (const tally of tallies.values()) count += tally.count;
  for (const child of children.values()) count += countOf(child);
  return count;
}

/** Adds a node that comes later in the log to another; gives how many tallies are new to that. */
function addNode(into: RouteNode, from: RouteNode): number {
  let size = 0;
  for (const [status, tally] of from.tallies) {
    const known = into.tallies.get(status);
    if (known !== undefined) addTally(known, tally);
    else {
      into.tallies.set(status, tally);
      size++;
    }
  }
  for (const [part, child] of from.children) size += addNode(childOf(into, part), child);
  return size;
}

/** Takes for values what is rare beside others; gives how many tallies are left out by that. */
function collapse(node: RouteNode, rule: Naming): number {
  const { children } = node;
  const counts = Array.from(children, ([part, child]) => ({ part, child, count: countOf(child) }));
  const least = Math.max(counts.reduce((sum, { count }) => sum + count, 0) * rule.share, 2);
  const rare = counts.filter(({ part, count }) => count < least && part !== wildcard);
  let fewer = 0;
  if (rare.length > rule.others) {
    const values = childOf(node, wildcard);
    for (const { part, child } of rare) {
      children.delete(part);
      fewer += talliesOf(child) - addNode(values, child);
    }
  }
  for (const child of children.values()) fewer += collapse(child, rule);
  return fewer;
}

function talliesOf({ children, tallies }: RouteNode): number {
  let size = tallies.size;
  for (const child of children.values()) size += talliesOf(child);
  return size;
}

/** @param path null where none of it is there yet */
function collect({ children, tallies }: RouteNode, method: string, path: string | null, into: [string, Tally][]): void {
  for (const [status, tally] of tallies) into.push([`${method} ${path} ${status}`, tally]);
  for (const [part, child] of children) collect(child, method, path === null ? part : `${path}/${part}`, into);
}
