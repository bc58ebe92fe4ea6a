/** Numbers by chance, always the same for the same seed. */
export interface Random {
  /** From 0 to below 1. */
  uniform(): number;
  /** Gamma distribution of that shape (at least 1) and scale 1; Marsaglia and Tsang, 2000. */
  gamma(shape: number): number;
  /** Poisson distribution of that mean. */
  poisson(mean: number): number;
}

/** Mulberry32, by Tommy Ettinger. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const gamma = (shape: number): number => {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  /** Knuth's, which takes as long as the mean is large. */
  const few = (mean: number) => {
    const least = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > least; product *= uniform()) count++;
    return count;
  };
  const poisson = (mean: number) => {
    let count = 0;
    // Sums of such numbers are of the same distribution; exp(-mean) must not become 0.
    for (let rest = mean; rest > 0; rest -= 100) count += few(Math.min(rest, 100));
    return count;
  };
  return { uniform, gamma, poisson };
}
