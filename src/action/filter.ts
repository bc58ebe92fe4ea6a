import { type InputProblem, InvalidInputError } from '../errors.ts';
import type { Action, ActionStatus, Series } from './action.ts';
import type { SeriesCatalog } from './series.ts';

/** Which actions are wanted; what is left out or null does not matter. An empty list matches nothing. */
export interface ActionFilterInput {
  services?: string[] | null | undefined;
  actions?: string[] | null | undefined;
  status?: ActionStatus | null | undefined;
  /** When they happened: from `from` on and before `to`. */
  from?: Date | null | undefined;
  to?: Date | null | undefined;
  /** Both inclusive. */
  minDurationMs?: number | null | undefined;
  maxDurationMs?: number | null | undefined;
  /** Part of the service, the action or the error, in any case of letters. */
  contains?: string | null | undefined;
}

/** A filter ready to be asked. Times in ms since 1970, UTC. */
export interface ActionFilter {
  services: ReadonlySet<string> | null;
  actions: ReadonlySet<string> | null;
  status: ActionStatus | null;
  from: number | null;
  to: number | null;
  minUs: number | null;
  maxUs: number | null;
  /** Folded. */
  needle: string | null;
}

/** Names in a list, and characters to look for. */
export interface FilterLimits {
  maxFilterConditions: number;
  maxFilterLength: number;
}

/** @throws {InvalidInputError} when it is longer than allowed */
export function parseFilter(input: ActionFilterInput | null | undefined, limits: FilterLimits): ActionFilter {
  const { services, actions, status, from, to, minDurationMs, maxDurationMs, contains } = input ?? {};
  const problems: InputProblem[] = [];
  const check = (name: string, length: number | undefined, most: number, unit: string) => {
    if (length === undefined || length <= most) return;
    const message = `"${name}" may have at most ${most} ${unit}; leave some out.`;
    problems.push({ path: ['filter', name], message, code: 'TOO_LONG' });
  };
  check('services', services?.length, limits.maxFilterConditions, 'names');
  check('actions', actions?.length, limits.maxFilterConditions, 'names');
  check('contains', contains?.length, limits.maxFilterLength, 'characters');
  if (problems.length > 0) throw new InvalidInputError(problems);
  const microseconds = (ms: number | null | undefined) => (typeof ms === 'number' ? ms * 1000 : null);
  return {
    services: services ? new Set(services) : null,
    actions: actions ? new Set(actions) : null,
    status: status ?? null,
    from: from?.getTime() ?? null,
    to: to?.getTime() ?? null,
    minUs: microseconds(minDurationMs),
    maxUs: microseconds(maxDurationMs),
    needle: contains ? folded(contains) : null,
  };
}

/** Without regard to case, or to how characters are composed. Not left to the databases, which differ in that. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

export function matches(filter: ActionFilter, { series, timestamp, durationUs, error }: Action): boolean {
  return (
    concerns(filter, series) &&
    (filter.from === null || timestamp >= filter.from) &&
    (filter.to === null || timestamp < filter.to) &&
    (filter.minUs === null || durationUs >= filter.minUs) &&
    (filter.maxUs === null || durationUs <= filter.maxUs) &&
    says(filter.needle, series, error)
  );
}

/** Whether actions of a series are wanted, as far as that depends on their series. */
export const concerns = ({ services, actions, status }: ActionFilter, series: Series): boolean =>
  (services === null || services.has(series.service)) &&
  (actions === null || actions.has(series.action)) &&
  (status === null || status === series.status);

/** Whether an action of this series with this error has the text in it. */
export const says = (needle: string | null, series: Series, error: string | null): boolean =>
  needle === null || names(needle, series) || (error !== null && folded(error).includes(needle));

const names = (needle: string, { service, action }: Series): boolean =>
  folded(service).includes(needle) || folded(action).includes(needle);

/** The series that a filter concerns, by id; null: all. */
export function seriesFor(filter: ActionFilter, catalog: SeriesCatalog): number[] | null {
  if (filter.services === null && filter.actions === null && filter.status === null) return null;
  return [...catalog.all].filter((series) => concerns(filter, series)).map(({ id }) => id);
}

/** The series that have the text in their names, by id. */
export const seriesNaming = (needle: string, catalog: SeriesCatalog): number[] =>
  [...catalog.all].filter((series) => names(needle, series)).map(({ id }) => id);
