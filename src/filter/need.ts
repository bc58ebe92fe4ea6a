import type { Condition } from './condition.ts';

/**
 * What of a record has to be known: its text, what can be told at a glance as well (when it happened, its level, and the
 * field `status`), or what it says in full.
 */
export type Need = 'raw' | 'glance' | 'parsed';

/** From the least work to the most. */
const needs: readonly Need[] = ['raw', 'glance', 'parsed'];

/** What it takes to know a field. */
export const needOf = (path: string): Need => (path === 'status' ? 'glance' : 'parsed');

/** What it takes to tell of several conditions. */
export const most = (conditions: readonly Condition[]): Need =>
  needs.findLast((need) => conditions.some((condition) => condition.needs === need)) ?? 'raw';

/** What takes least work comes first, so that records are seldom parsed. */
export const cheapestFirst = (conditions: readonly Condition[]): readonly Condition[] =>
  needs.flatMap((need) => conditions.filter((condition) => condition.needs === need));
