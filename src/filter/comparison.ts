import { type Level, levels } from '../entry.ts';
import { levelOfWord } from '../format/level.ts';
import { all } from './all.ts';
import { any } from './any.ts';
import type { Condition } from './condition.ts';
import { FieldContains } from './field-contains.ts';
import { fieldIn } from './field-equals.ts';
import { FieldExists } from './field-exists.ts';
import { FieldOrder, type Order } from './field-order.ts';
import { atLeast, levelIn } from './level.ts';
import { not } from './not.ts';
import { momentOf, Since, Until } from './time.ts';
import { asNumber, type Scalar } from './value.ts';

/** `:` finds a part, `=` the whole. */
export type Operator = ':' | '=' | '!=' | Order;

/** Why two things cannot be compared, in a sentence that says what to do. */
export class Incomparable {
  readonly code: string;
  readonly message: string;
  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

/**
 * What a field is compared with, to a condition: the same for the search box and for `LogFilter.fields`. `level` and
 * `timestamp` are not fields, and have an order of their own.
 *
 * @param values one, or for `:`, `=` and `!=` any number; of none, `=` and `:` find nothing
 */
export function compare(name: string, operator: Operator, values: readonly Scalar[]): Condition | Incomparable {
  if (operator === '!=') {
    const same = compare(name, '=', values);
    return same instanceof Incomparable ? same : not(same);
  }
  if (name === 'level') return compareLevel(operator, values);
  if (name === 'timestamp') return compareTime(operator, values);
  if (operator === ':') return any(values.map((value) => new FieldContains(name, String(value))));
  if (operator === '=') return fieldIn(name, values);
  const [bound = null] = values;
  const number = asNumber(bound);
  if (number !== null && Number.isFinite(number)) return new FieldOrder(name, operator, number);
  return new Incomparable('NOT_A_NUMBER', `Expected a number after "${operator}", not ${JSON.stringify(bound)}.`);
}

/** A field is there. */
export function exists(name: string): Condition | Incomparable {
  if (name === 'timestamp') {
    return new Incomparable('UNSUPPORTED', 'An entry without a time has that of the one before it; ask for a time.');
  }
  return name === 'level' ? levelIn(atLeast('TRACE')) : new FieldExists(name);
}

function compareLevel(operator: Exclude<Operator, '!='>, values: readonly Scalar[]): Condition | Incomparable {
  const chosen: Level[] = [];
  for (const value of values) {
    const level = typeof value === 'string' ? levelOfWord(value) : 'UNKNOWN';
    if (level === 'UNKNOWN' && String(value).toUpperCase() !== 'UNKNOWN') {
      const names = levels.map((name) => name.toLowerCase()).join(', ');
      return new Incomparable('NOT_A_LEVEL', `There is no level ${JSON.stringify(value)}; use one of ${names}.`);
    }
    chosen.push(level);
  }
  if (operator === ':' || operator === '=') return levelIn(chosen);
  const [bound = 'UNKNOWN'] = chosen;
  if (bound === 'UNKNOWN') return new Incomparable('UNSUPPORTED', 'UNKNOWN is neither above nor below other levels.');
  const above = atLeast(bound);
  if (operator === '>=') return levelIn(above);
  if (operator === '>') return levelIn(above.slice(1));
  const below = atLeast('TRACE').filter((level) => !above.includes(level));
  return levelIn(operator === '<' ? below : [...below, bound]);
}

function compareTime(operator: Exclude<Operator, '!='>, values: readonly Scalar[]): Condition | Incomparable {
  const conditions: Condition[] = [];
  for (const value of values) {
    const moment = typeof value === 'string' ? momentOf(value) : null;
    if (moment === null) {
      const message = `Expected a time such as 2026-11-21, 2026-11-21T10:50 or 2026-11-21T10:50:54.123Z (UTC without an offset), not ${JSON.stringify(value)}.`;
      return new Incomparable('NOT_A_TIME', message);
    }
    if (operator === '>=') conditions.push(new Since(moment.from));
    else if (operator === '>') conditions.push(new Since(moment.to));
    else if (operator === '<') conditions.push(new Until(moment.from));
    else if (operator === '<=') conditions.push(new Until(moment.to));
    else conditions.push(all([new Since(moment.from), new Until(moment.to)]));
  }
  return any(conditions);
}
