interface Cluster {
  template: string[];
  size: number;
}

interface Node {
  children: Map<string, Node>;
  clusters: Cluster[];
}

const node = (): Node => ({ children: new Map(), clusters: [] });

/**
 * Drain as its paper has it, without anything to make it quick: Pinjia He et al., "Drain: An Online Log Parsing Approach
 * with Fixed Depth Tree", ICWS 2017; with its usual parameters.
 */
export class Drain {
  readonly #root = node();
  readonly #leading = 2;
  readonly #similarity = 0.4;
  readonly #maxChildren = 100;
  clusters = 0;

  add(message: string): Cluster {
    const tokens = message.split(' ');
    const leaf = this.#leafOf(tokens);
    let best: Cluster | undefined;
    let most = -1;
    for (const cluster of leaf.clusters) {
      const equal = tokens.filter((token, index) => cluster.template[index] === token).length;
      if (equal > most) [best, most] = [cluster, equal];
    }
    if (best === undefined || most / tokens.length < this.#similarity) {
      best = { template: tokens, size: 0 };
      leaf.clusters.push(best);
      this.clusters++;
    } else best.template = best.template.map((token, index) => (token === tokens[index] ? token : '<*>'));
    best.size++;
    return best;
  }

  #leafOf(tokens: readonly string[]): Node {
    let at = this.#child(this.#root, String(tokens.length), Number.POSITIVE_INFINITY);
    for (const token of tokens.slice(0, this.#leading)) {
      at = this.#child(at, /\d/.test(token) ? '<*>' : token, this.#maxChildren);
    }
    return at;
  }

  #child(parent: Node, token: string, most: number): Node {
    const known = parent.children.get(token);
    if (known !== undefined) return known;
    const key = parent.children.size < most ? token : '<*>';
    const child = parent.children.get(key) ?? node();
    parent.children.set(key, child);
    return child;
  }
}
