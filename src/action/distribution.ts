/**
 * How durations are distributed: how many there are in each of some hundred buckets, of which each is 4 % wider than
 * the one before. Two of them can be added and subtracted, and the middle of a bucket is within 2 % of whatever is in it.
 *
 * As bytes: for each bucket that has any, in ascending order, how far it is from the one before and how many there are,
 * both as LEB128 varints.
 */

const growth = 1.04;

/** Where buckets begin, in us: bucket 0 is for less than one, the last for everything beyond ten years and more. */
const bounds: number[] = [0];
for (let bound = 1; bound < 1e15; bound *= growth) bounds.push(bound);

export const bucketCount = bounds.length;

const perBucket = 1 / Math.log(growth);

/** The bucket of a duration, in us. By the bounds, for the logarithm may be off by one in the last place. */
export function bucketOf(durationUs: number): number {
  if (durationUs < 1) return 0;
  let bucket = Math.min(Math.floor(Math.log(durationUs) * perBucket) + 1, bucketCount - 1);
  if (durationUs < (bounds[bucket] ?? 0)) bucket--;
  else if (durationUs >= (bounds[bucket + 1] ?? Number.POSITIVE_INFINITY)) bucket++;
  return bucket;
}

/** What stands for the durations of a bucket, in us: as far, in proportion, from the shortest as from the longest. */
export const middleOf = (bucket: number): number => (bucket === 0 ? 0 : (bounds[bucket] ?? 0) * Math.sqrt(growth));

/** The longest duration that may be in a bucket, in us; about. */
export const endOf = (bucket: number): number => Math.ceil((bounds[bucket] ?? 0) * growth);

/** An empty distribution to add others to: how many there are in each bucket. */
export const emptyDistribution = (): Float64Array => new Float64Array(bucketCount);

/** Adds what `bytes` say to `sum`. */
export function addDistribution(sum: Float64Array, bytes: Uint8Array): void {
  let bucket = 0;
  for (let at = 0; at < bytes.length; ) {
    let byte = bytes[at++] ?? 0;
    let distance = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = bytes[at++] ?? 0;
      distance += (byte & 127) * scale;
    }
    byte = bytes[at++] ?? 0;
    let count = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = bytes[at++] ?? 0;
      count += (byte & 127) * scale;
    }
    bucket += distance;
    sum[bucket] = (sum[bucket] ?? 0) + count;
  }
}

/**
 * The bytes of a distribution to which durations were added, or from which they were taken.
 *
 * @param buckets those of the durations, one for each; put in order
 */
export function changedDistribution(bytes: Uint8Array, buckets: number[], change: 1 | -1): Uint8Array {
  buckets.sort((a, b) => a - b);
  let [at, next, last, bucket] = [0, 0, 0, 0];
  let end = 0;
  const put = (value: number) => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) scratch[end++] = (rest % 128) | 128;
    scratch[end++] = rest;
  };
  const take = () => {
    let byte = bytes[at++] ?? 0;
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
    }
    return value;
  };
  const emit = (own: number, count: number) => {
    let sum = count;
    for (; buckets[next] === own; next++) sum += change;
    if (sum <= 0) return;
    put(own - last);
    put(sum);
    last = own;
  };
  while (at < bytes.length) {
    bucket += take();
    const count = take();
    for (let added = buckets[next]; added !== undefined && added < bucket; added = buckets[next]) emit(added, 0);
    emit(bucket, count);
  }
  for (let added = buckets[next]; added !== undefined; added = buckets[next]) emit(added, 0);
  return scratch.slice(0, end);
}

/** Ten bytes for each bucket are enough. */
const scratch = new Uint8Array(bucketCount * 10);

/** The last bucket in which there is any; 0 when there is none. */
export function lastBucketIn(bytes: Uint8Array): number {
  const counts = emptyDistribution();
  addDistribution(counts, bytes);
  return Math.max(
    counts.findLastIndex((count) => count > 0),
    0,
  );
}

/** The duration that a `share` (0 to 1) of all do not exceed, in us, within 2 %; null when there are none. */
export function quantileOf(counts: Float64Array, share: number): number | null {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  let left = Math.max(Math.ceil(share * total), 1);
  for (let bucket = 0; bucket < counts.length; bucket++) {
    left -= counts[bucket] ?? 0;
    if (left <= 0) return middleOf(bucket);
  }
  return middleOf(counts.length - 1);
}
