import type { Condition } from './condition.ts';

/** What is asked for when nothing is. */
export const everything: Condition = {
  matches: () => true,
  needsTime: false,
  needsParsed: false,
  needles: null,
  print: () => '*',
  toJson: () => ({}),
};

/** One of an empty list. */
export const nothing: Condition = {
  matches: () => false,
  needsTime: false,
  needsParsed: false,
  needles: [],
  print: () => '-*',
  toJson: () => ({ or: [] }),
};
