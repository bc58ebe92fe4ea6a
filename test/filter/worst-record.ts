import { RE2JS } from 're2js';
import { Automaton } from '../../src/filter/automaton.ts';
import { add, type Places } from '../../src/filter/places.ts';
import { type Kind, kind, Program } from '../../src/filter/program.ts';

const length = 10_000;

/** Characters of each kind that expressions tell apart. */
const alphabet = [...'ab!x=,.:;-_@"/*1 \nAZ\t\u00e4\u{1F600}'];

/** How many places a set has. */
const count = (places: Places): number =>
  places.reduce((sum, number) => {
    let rest = number;
    let bits = 0;
    for (; rest !== 0; rest &= rest - 1) bits++;
    return sum + bits;
  }, 0);

/** As `compiled` by `patternOf`, to look inside. */
export const automatonOf = (expression: string) => {
  const program = new Program(RE2JS.compile(expression, RE2JS.MULTILINE));
  return { program, automaton: new Automaton(program) };
};

/** The places that find something whatever comes next. */
function endingPlaces(program: Program): Places {
  const ending = program.nowhere();
  const kinds = Object.values(kind);
  for (let place = 0; place < program.end; place++) {
    const alone = program.nowhere();
    add(alone, place);
    const ends = (before: Kind, after: Kind) => program.moves(before, after).follow(alone, ending, program.nowhere());
    if (kinds.every((before) => kinds.every((after) => ends(before, after)))) add(ending, place);
  }
  return ending;
}

/**
 * The record of 10,000 characters that an adversary would write for an expression: each character is one of those after
 * which matching is in about as many places as can be, without anything found. Which of them is by chance (xorshift32),
 * for the sets of places to differ.
 */
export function worstRecord(expression: string): string {
  const { program } = automatonOf(expression);
  const classes = new Map([...alphabet].reverse().map((char) => [program.classOf(char.codePointAt(0) ?? 0), char]));
  const ending = endingPlaces(program);
  let random = 1;
  const next = (below: number): number => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % below;
  };
  let places = program.nowhere();
  let before: Kind = kind.none;
  let record = '';
  for (let at = 0; at < length; at++) {
    const choices = [...classes].flatMap(([{ kind: after, takenBy }, char]) => {
      const taking = program.nowhere();
      const isFound = program.moves(before, after).follow(places, takenBy, taking);
      const isFoundNext = taking.some((number, word) => (number & (ending[word] ?? 0)) !== 0);
      return isFound || isFoundNext ? [] : [{ char, after, taking, size: count(taking) }];
    });
    const largest = Math.max(...choices.map(({ size }) => size));
    const wanted = choices.filter(({ size }) => size >= 0.8 * largest);
    const chosen = wanted[next(Math.max(wanted.length, 1))];
    // Whatever comes, a match is found.
    if (chosen === undefined) return record + 'a'.repeat(length - at);
    places = chosen.taking;
    before = chosen.after;
    record += chosen.char;
  }
  return record;
}
