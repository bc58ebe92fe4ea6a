/** The value that `share` (0 to 1) of the values do not exceed (nearest rank); NaN when there are none. */
export function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: number[]): number => quantile(values, 0.5);

/** Three significant digits: more would be noise. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** Ours divided by the peer's. */
export const ratio = (ours: number, peers: number): number => rounded(ours / peers);
