const basis = 0x811c9dc5;

/**
 * FNV-1a, 32 bit, over `bytes[start, end)`: enough to tell two places of a log apart, and cheap on every line. Give
 * the hash of what stands before as `seed` to hash bytes in portions.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a(bytes: ArrayLike<number>, start = 0, end = bytes.length, seed = basis): number {
  let hash = seed;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}
