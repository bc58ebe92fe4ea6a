import type { Condition } from './condition.ts';

/** What is asked for when nothing is. */
export const everything: Condition = {
  matches: () => true,
  needsTime: false,
  needs: 'raw',
  needles: null,
  print: () => '*',
  toJson: () => ({}),
};

/** One of an empty list. */
export const nothing: Condition = {
  matches: () => false,
  needsTime: false,
  needs: 'raw',
  needles: [],
  print: () => '-*',
  toJson: () => ({ or: [] }),
};
