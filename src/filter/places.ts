/** A set of places of an expression, 32 to a number. */
export type Places = Int32Array;

export const add = (places: Places, place: number): void => {
  const at = place >> 5;
  places[at] = (places[at] ?? 0) | (1 << (place & 31));
};

export const remove = (places: Places, place: number): void => {
  const at = place >> 5;
  places[at] = (places[at] ?? 0) & ~(1 << (place & 31));
};

export const has = (places: Places, place: number): boolean => ((places[place >> 5] ?? 0) & (1 << (place & 31))) !== 0;

export const isEmpty = (places: Places): boolean => places.every((number) => number === 0);

/** The first place in one of those numbers, which must not be 0. */
export const firstIn = (numbers: Places, at: number): number => {
  const number = numbers[at] ?? 0;
  return 32 * at + 31 - Math.clz32(number & -number);
};

/** Adds all places of the other set. */
export const unite = (places: Places, others: Places): void => {
  for (let at = 0; at < places.length; at++) places[at] = (places[at] ?? 0) | (others[at] ?? 0);
};

/** Leaves the places that are not in the other set. */
export const subtract = (places: Places, others: Places): void => {
  for (let at = 0; at < places.length; at++) places[at] = (places[at] ?? 0) & ~(others[at] ?? 0);
};
