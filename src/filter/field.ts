import type { JsonValue } from '../entry.ts';
import { all } from './all.ts';
import { compare, exists, Incomparable, type Operator } from './comparison.ts';
import type { Compilation } from './compilation.ts';
import type { Condition } from './condition.ts';
import { everything } from './everything.ts';
import type { FieldInput } from './input.ts';
import { not } from './not.ts';
import { isScalar, type Scalar } from './value.ts';

const operators = [
  ['eq', '='],
  ['neq', '!='],
  ['contains', ':'],
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
] as const;

/** What a field has to fulfil; what is wrong with it is told to the compilation. */
export function fieldCondition(field: FieldInput, compilation: Compilation, path: string[]): Condition {
  if (compilation.isOverfull) return everything;
  if (field.path === '') compilation.problem([...path, 'path'], 'EMPTY', 'Name a field, such as "status".');
  compilation.checkText(field.path, [...path, 'path']);
  const told = (found: Condition | Incomparable, at: string): Condition => {
    compilation.countCondition(path);
    if (!(found instanceof Incomparable)) return found;
    compilation.problem([...path, at], found.code, found.message);
    return everything;
  };
  const conditions: Condition[] = [];
  for (const [name, operator] of operators) {
    const value = field[name];
    if (value === undefined || value === null) continue;
    conditions.push(told(comparison(field.path, operator, [value], compilation, [...path, name]), name));
  }
  if (field.in !== undefined && field.in !== null) {
    for (let count = 1; count < field.in.length; count++) compilation.countCondition(path);
    conditions.push(told(comparison(field.path, '=', field.in, compilation, [...path, 'in']), 'in'));
  }
  if (field.exists !== undefined && field.exists !== null) {
    const there = told(exists(field.path), 'exists');
    conditions.push(field.exists ? there : not(there));
  }
  return all(conditions);
}

function comparison(
  name: string,
  operator: Operator,
  values: JsonValue[],
  compilation: Compilation,
  path: string[],
): Condition | Incomparable {
  const scalars: Scalar[] = [];
  for (const value of values) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return new Incomparable('NOT_A_NUMBER', `Expected a finite number, not ${value}.`);
    }
    if (!isScalar(value)) {
      const message = `A field can be compared with a text, a number, true or false, not with ${JSON.stringify(value)}; name a field within it by a path with dots, or use "exists".`;
      return new Incomparable('UNSUPPORTED', message.slice(0, 300));
    }
    if (typeof value === 'string') compilation.checkText(value, path);
    scalars.push(value);
  }
  return compare(name, operator, scalars);
}
