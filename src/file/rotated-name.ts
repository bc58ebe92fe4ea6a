import { unpackedName } from './packing.ts';

/** `.1`: numbered by logrotate, the higher the older. */
const numberedSuffix = /\.(\d{1,5})$/;
/** `-20261121`, `.2026-11-21`, with hours or seconds since 1970 appended: logrotate's dateext and its kin. */
const datedSuffix = /[-.](\d{4})-?(\d{2})-?(\d{2})(?:-?(\d{2,10}))?$/;

/** The name of the file that one of this name was rotated from; null when the name does not look rotated. */
export function rotatedFrom(name: string): string | null {
  const plain = unpackedName(name);
  const suffix = datedSuffix.exec(plain) ?? numberedSuffix.exec(plain);
  return suffix === null || suffix.index === 0 ? null : name.slice(0, suffix.index);
}

/** The number at the end of a rotated file's name, the higher the older; null when it has none, or a date. */
export function rotationNumber(name: string): number | null {
  const plain = unpackedName(name);
  const suffix = datedSuffix.test(plain) ? null : numberedSuffix.exec(plain);
  return suffix === null ? null : Number(suffix[1]);
}

/** The date at the end of a rotated file's name, as text that sorts; null when it has none. */
export function rotationDate(name: string): string | null {
  return datedSuffix.exec(unpackedName(name))?.slice(1).join('') ?? null;
}
