import { InvalidInputError } from '../errors.ts';
import { all, type Bounds, boundsOf, isBound, partsOf } from './all.ts';
import { any } from './any.ts';
import { Compilation, type FilterLimits, mostDepth } from './compilation.ts';
import type { Condition } from './condition.ts';
import { Contains } from './contains.ts';
import { everything } from './everything.ts';
import { fieldCondition } from './field.ts';
import { fieldIn } from './field-equals.ts';
import type { FieldInput, FilterInput } from './input.ts';
import { atLeast, levelIn } from './level.ts';
import { not } from './not.ts';
import { parseQuery } from './query.ts';
import { isWritable, Since, Until } from './time.ts';

/** What is asked for, ready to be asked of each entry. */
export interface Filter {
  readonly condition: Condition;
  /** What has to hold of the time in any case. */
  readonly bounds: Bounds;
  /** The condition without `bounds`. */
  readonly unbounded: Condition;
}

/**
 * Compiles a filter; of none, or an empty one, everything is found.
 *
 * @param path where the filter stands in the input, for problems
 * @throws {InvalidInputError} with everything that is wrong with it, at any depth; of very many problems the first
 */
export function compileFilter(input: FilterInput | null | undefined, limits: FilterLimits, path: string[]): Filter {
  const compilation = new Compilation(limits);
  const condition = new Compiler(compilation).filter(input ?? {}, path, 0);
  if (compilation.problems.length > 0) throw new InvalidInputError(compilation.problems);
  const { length } = condition.print();
  if (length > limits.maxFilterLength) {
    const message = `This filter has ${length} characters in the form of a search; at most ${limits.maxFilterLength} are allowed.`;
    throw new InvalidInputError([{ path, code: 'TOO_LONG', message }]);
  }
  const parts = partsOf(condition);
  const unbounded = all(parts.filter((part) => !isBound(part)));
  return { condition, bounds: boundsOf(parts), unbounded };
}

type Given<Value> = Value | null | undefined;

class Compiler {
  readonly #compilation: Compilation;

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
  }

  filter(input: FilterInput, path: string[], depth: number): Condition {
    if (depth > mostDepth) {
      const message = `Filters may be in each other at most ${mostDepth} levels deep; write this one flatter.`;
      this.#compilation.problem(path, 'TOO_DEEP', message);
      return everything;
    }
    if (this.#compilation.isOverfull) return everything;
    const list = (name: 'and' | 'or', inputs: FilterInput[]): Condition[] =>
      inputs.map((item, index) => this.filter(item, [...path, name, String(index)], depth + 1));
    return all([
      this.#given(input.query, (text) => this.#query(text, [...path, 'query'], depth)),
      this.#given(input.contains, (text) => this.#contains(text, input.caseSensitive === true, [...path, 'contains'])),
      this.#given(input.matches, (text) => this.#matches(text, [...path, 'matches'])),
      this.#given(input.minLevel, (level) => this.#counted(path, levelIn(atLeast(level)))),
      this.#given(input.levels, (levels) => this.#counted(path, levelIn(levels))),
      this.#time(input, path),
      this.#given(input.loggers, (names) => this.#names('logger', names, [...path, 'loggers'])),
      this.#given(input.actions, (names) => this.#names('action', names, [...path, 'actions'])),
      this.#given(input.fields, (fields) => this.#fields(fields, [...path, 'fields'])),
      this.#given(input.and, (inputs) => (inputs.length === 0 ? any([]) : all(list('and', inputs)))),
      this.#given(input.or, (inputs) => any(list('or', inputs))),
      this.#given(input.not, (inner) => not(this.filter(inner, [...path, 'not'], depth + 1))),
    ]);
  }

  #given<Value>(value: Given<Value>, compile: (value: Value) => Condition): Condition {
    return value === null || value === undefined ? everything : compile(value);
  }

  #counted(path: string[], condition: Condition): Condition {
    this.#compilation.countCondition(path);
    return condition;
  }

  #query(text: string, path: string[], depth: number): Condition {
    return this.#compilation.takesQuery(text, path) ? parseQuery(text, this.#compilation, path, depth) : everything;
  }

  #contains(text: string, caseSensitive: boolean, path: string[]): Condition {
    this.#compilation.checkText(text, path);
    return text === '' ? everything : this.#counted(path, new Contains(text, caseSensitive));
  }

  #matches(text: string, path: string[]): Condition {
    return this.#counted(path, this.#compilation.pattern(text, path));
  }

  #time({ from, to }: FilterInput, path: string[]): Condition {
    for (const [name, time] of Object.entries({ from, to })) {
      if (time === null || time === undefined || isWritable(time)) continue;
      const message = `"${name}" is not a time between the years 0 and 9999, in whole milliseconds since 1970.`;
      this.#compilation.problem([...path, name], 'NOT_A_TIME', message);
      return everything;
    }
    if (typeof from === 'number' && typeof to === 'number' && from > to) {
      const message = '"from" is later than "to": exchange the two.';
      this.#compilation.problem([...path, 'from'], 'FROM_AFTER_TO', message);
    }
    return all([
      this.#given(from, (time) => this.#counted(path, new Since(time))),
      this.#given(to, (time) => this.#counted(path, new Until(time))),
    ]);
  }

  #names(field: string, names: string[], path: string[]): Condition {
    for (const [index, name] of names.entries()) {
      this.#compilation.countCondition(path);
      this.#compilation.checkText(name, [...path, String(index)]);
    }
    return fieldIn(field, names);
  }

  #fields(fields: FieldInput[], path: string[]): Condition {
    if (fields.length === 0) return any([]);
    return all(fields.map((field, index) => fieldCondition(field, this.#compilation, [...path, String(index)])));
  }
}
