import type { Line } from './group.ts';
import type { Token } from './token.ts';
import { hasLetter, hasValue, isState } from './word.ts';

/** Most tokens that a value may have which usually is one word. */
const maxSpan = 4;

/** Templates with more tokens are not looked at: each is compared at every place. */
const maxLength = 60;

const textsOf = (tokens: readonly Token[]): string[] => tokens.map(({ text }) => text);

/** What is before and after a slot. */
const around = (texts: readonly string[], from: number, to: number): string =>
  `${texts.slice(0, from).join(' ')}\n${texts.slice(to).join(' ')}`;

/** Whether these tokens may be one value: a name of several words, or a word and its number. */
const isValue = (tokens: readonly Token[]): boolean => {
  if (tokens.some(({ text }) => /^[=:;{}[\]]$/.test(text) || isState(text))) return false;
  const words = tokens.filter(({ text }) => hasLetter(text)).length;
  return words > 0 && (words === 1 || !tokens.some(({ text }) => hasValue(text)));
};

/**
 * Templates without those that differ from another only in that a value has several words, where the other has one of
 * many: "invalid user john smith" is one more of "invalid user <*>". The shapes of these are given to the other.
 */
export const absorbed = (templates: readonly Line[]): Line[] => {
  const slots = new Map<string, Line>();
  for (const template of templates) {
    const { tokens } = template;
    const constants = tokens.filter(({ text, isWord }) => isWord && !hasValue(text) && hasLetter(text)).length;
    if (tokens.length > maxLength || constants < 2) continue;
    const texts = textsOf(tokens);
    for (const [index, { isSlot }] of tokens.entries())
      if (isSlot) slots.set(around(texts, index, index + 1), template);
  }
  const more = new Map<Line, Line[]>();
  const kept: Line[] = [];
  for (const template of templates) {
    const into = template.tokens.some(({ isSlot }) => isSlot) ? undefined : absorberOf(template, slots);
    if (into === undefined) kept.push(template);
    else more.set(into, [...(more.get(into) ?? []), template]);
  }
  return kept.map((template) => {
    const others = more.get(template) ?? [];
    return {
      ...template,
      count: others.reduce((sum, { count }) => sum + count, template.count),
      shapes: [...template.shapes, ...others.flatMap(({ shapes }) => shapes)],
    };
  });
};

const absorberOf = ({ tokens }: Line, slots: ReadonlyMap<string, Line>): Line | undefined => {
  if (slots.size === 0 || tokens.length > maxLength) return undefined;
  const texts = textsOf(tokens);
  for (let from = 0; from < tokens.length; from++) {
    for (let to = from + 2; to <= Math.min(tokens.length, from + maxSpan); to++) {
      const into = slots.get(around(texts, from, to));
      if (into !== undefined && isValue(tokens.slice(from, to))) return into;
    }
  }
  return undefined;
};
