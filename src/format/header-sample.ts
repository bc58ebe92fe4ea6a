import { levelAt, skipBlanks, skipClosing, tagAt } from './header.ts';
import { type HeaderLayout, levelOfTag, type Part, partEnds, wordsOn } from './header-layout.ts';

/** Words before the timestamp: labels, numbers of records, names of machines or files. */
const maxWordsBefore = 6;
/** Words between two parts that are known, such as the places and components before a level. */
const maxWordsBetween = 8;
/** Parts of a header; the longest known has ten. */
const maxParts = 16;

/** Records that it takes to tell a header from a message; of fewer only timestamp and level are sure. */
const enough = 5;

/** Of the records of a sample, how many must have a part in its place: the others are damaged or of another kind. */
const most = 0.9;

/** One record of a sample, and how far its header is understood; -1 when it differs from the others. */
interface Example {
  text: string;
  at: number;
}

const share = (examples: readonly Example[], part: Part, words = 0): number => {
  const has = ({ text, at }: Example) => {
    const begin = at < 0 ? -1 : wordsOn(text, at, words);
    return begin >= 0 && partEnds[part](text, begin) >= 0;
  };
  return examples.filter(has).length / examples.length;
};

/** Whether the words that would be tags differ: one that never does may be how all messages of the sample begin. */
const tagsDiffer = (examples: readonly Example[], words: number): boolean => {
  const name = ({ text, at }: Example) => (at < 0 ? undefined : tagAt(text, wordsOn(text, at, words))?.name);
  return new Set(examples.map(name).filter((found) => found !== undefined)).size > 1;
};

const tagsAreLevels = (examples: readonly Example[]): boolean =>
  examples.some(({ text, at }) => at >= 0 && levelOfTag(tagAt(text, at)?.name ?? '') !== 'UNKNOWN');

/**
 * Whether columns are laid out with blanks here: there is a gap before this one as well, or words of different lengths
 * are filled up to one width. Else two blanks may as well be how the messages are written.
 */
const isFilledUp = (examples: readonly Example[]): boolean => {
  const widths = new Map<number, number>();
  const lengths = new Set<number>();
  for (const { text, at } of examples) {
    const end = at < 0 ? -1 : partEnds.column(text, at);
    if (end < 0) continue;
    if (text[end] === '\t' || skipBlanks(text, at - 2) === at) return true;
    const width = skipBlanks(text, end) - at;
    widths.set(width, (widths.get(width) ?? 0) + 1);
    lengths.add(end - at);
  }
  return lengths.size > 1 && Math.max(...widths.values()) >= most * examples.length;
};

const direct: readonly Part[] = ['level', 'mark', 'cell', 'group', 'number', 'tag', 'label', 'column'];

/** The parts that come next in most examples; none where the message begins. */
const nextParts = (examples: readonly Example[], parts: readonly Part[]): Part[] => {
  const hasLevel = parts.includes('level');
  const fits = (part: Part) => share(examples, part) >= most;
  // A header names one component: after its column or label, a word with a colon is part of the message.
  const hasName = parts.includes('column') || parts.includes('label');
  const found = direct.find((part) => {
    if (part === 'level') return !hasLevel && fits(part);
    if (part === 'column') return fits(part) && isFilledUp(examples);
    if (part !== 'tag') return fits(part);
    return fits(part) && !hasName && (hasLevel || tagsAreLevels(examples) || tagsDiffer(examples, 0));
  });
  if (found !== undefined) return [found];
  const words = (count: number): Part[] => Array.from({ length: count }, () => 'word');
  // The name of the machine, as syslog has it.
  if (share(examples, 'tag', 1) >= most && !hasLevel && !hasName && tagsDiffer(examples, 1)) return ['word', 'tag'];
  // The name of a logger, without a colon.
  if (hasLevel && share(examples, 'group', 1) >= most) return ['word', 'group'];
  const isSecondTime = parts.filter((part) => part === 'time').length === 1;
  for (let count = 1; count <= maxWordsBetween; count++) {
    if (!hasLevel && share(examples, 'level', count) >= most) return [...words(count), 'level'];
    if (isSecondTime && share(examples, 'time', count) >= most) return [...words(count), 'time'];
  }
  return [];
};

const advance = (examples: readonly Example[], part: Part): Example[] =>
  examples.map(({ text, at }) => {
    const end = at < 0 ? -1 : partEnds[part](text, at);
    return { text, at: end < 0 ? -1 : skipClosing(text, end) };
  });

/** Whether a whole word that names a level is in this place of most examples. */
const haveLevelWord = (examples: readonly Example[], words: number): boolean => {
  const has = ({ text }: Example) => (levelAt(text, wordsOn(text, 0, words))?.word.length ?? 0) > 1;
  return examples.filter(has).length >= most * examples.length;
};

/**
 * Learns the layout of a log from sample lines: the timestamp is at that word of the first seven where most lines have
 * one; then come all parts that nine records of ten have in the same place. Null when half of the lines or fewer have a
 * timestamp in one place. The same lines always give the same layout.
 */
export const learnLayout = (lines: readonly string[]): HeaderLayout | null => {
  const samples = lines.map((text) => ({ text, at: 0 }));
  const shares = Array.from({ length: maxWordsBefore + 1 }, (_, words) => share(samples, 'time', words));
  // The first of two that are equally good.
  const before = shares.indexOf(Math.max(...shares));
  if (samples.length === 0 || (shares[before] ?? 0) <= 0.5) return null;
  let examples = samples
    .map(({ text }) => ({ text, at: wordsOn(text, 0, before) }))
    .filter(({ text, at }) => at >= 0 && partEnds.time(text, at) >= 0);
  const parts: Part[] = [];
  const add = (part: Part) => {
    examples = advance(examples, part);
    parts.push(part);
  };
  for (let word = 0; word < before; word++) {
    parts.push(!parts.includes('level') && haveLevelWord(examples, word) ? 'level' : 'word');
  }
  add('time');
  while (parts.length < maxParts && parts.at(-1) !== 'tag') {
    const next = nextParts(examples, parts);
    if (next.length === 0 || (examples.length < enough && next[0] !== 'level')) break;
    for (const part of next) add(part);
  }
  return parts;
};
