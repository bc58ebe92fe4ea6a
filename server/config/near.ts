/**
 * Optimal string alignment: insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
 * Time grows with the product of the lengths: bound them first.
 * https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swapped, replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate that was probably meant by `text`: at most a third of it differs, not counting case. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  if (text.length > 60) return undefined;
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const found = distance(text.toLowerCase(), candidate.toLowerCase());
    if (found <= Math.max(text.length, 3) / 3 && (best === undefined || found < best.distance)) {
      best = { candidate, distance: found };
    }
  }
  return best?.candidate;
}

/** What to append to a message about `text`: nothing when no candidate is near. */
export function suggestion(text: string, candidates: readonly string[]): string {
  const found = nearest(text, candidates);
  return found === undefined ? '' : `; did you mean "${found}"?`;
}
