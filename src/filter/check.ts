import { type Principal, requireScope } from '../access/principal.ts';
import type { JsonObject } from '../entry.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import type { FilterLimits } from './compilation.ts';
import { compileFilter } from './compile.ts';
import type { FilterInput } from './input.ts';

/** What was understood of a filter, or what is wrong with it. */
export interface FilterCheck {
  problems: InputProblem[];
  /** The filter as a search; null when there are problems. */
  normalized: string | null;
  /** The filter as a LogFilter without `query`; null when there are problems. */
  asJson: JsonObject | null;
}

/**
 * Compiles a filter without searching.
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential may not read logs
 */
export function checkFilter(principal: Principal, input: FilterInput, limits: FilterLimits): FilterCheck {
  requireScope(principal, 'LOGS_READ');
  try {
    const { condition } = compileFilter(input, limits, ['filter']);
    return { problems: [], normalized: condition.print(), asJson: condition.toJson() };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { problems: error.problems, normalized: null, asJson: null };
  }
}
