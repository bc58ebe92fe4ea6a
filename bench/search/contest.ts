import type { Needle } from '../../src/filter/condition.ts';
import type { Question } from './question.ts';

/** A program that answers the same question. */
export interface Peer {
  program: 'rg' | 'grep' | 'lnav' | 'tail';
  /** The log is added behind them. */
  args: string[];
  /** `once`: it is so slow that one round says enough. */
  rounds: 'all' | 'once';
  /** The answer in what it prints. */
  answer(output: string): number;
}

/** One question, and who is asked besides us. */
export interface Contest {
  name: string;
  question: Question;
  peers: Peer[];
}

/** `rg -c` prints nothing for none; lnav prints the name of the column first. */
const lastNumber = (output: string): number => Number(output.trim().split('\n').at(-1) || 0);

const ripgrep = (...args: string[]): Peer => ({
  program: 'rg',
  args: ['--no-config', ...args],
  rounds: 'all',
  answer: lastNumber,
});
const grep = (...args: string[]): Peer => ({ program: 'grep', args, rounds: 'all', answer: lastNumber });
const lnav = (query: string): Peer => ({
  program: 'lnav',
  args: ['-n', '-c', `;${query}`, '-c', ':write-csv-to -'],
  rounds: 'once',
  answer: lastNumber,
});

/** Lines with any of some texts, counted by everybody. */
function literal(name: string, needles: Needle[]): Contest {
  const options = needles.some(({ folded }) => folded) ? '-ciF' : '-cF';
  const args = [options, ...needles.flatMap(({ text }) => ['-e', text])];
  return { name, question: { kind: 'lines', needles }, peers: [ripgrep(...args), grep(...args)] };
}

/** Contests over a log of bench/access-log.ts with so many lines. */
export function contests(lines: number): Contest[] {
  const exactly = (...texts: string[]) => texts.map((text) => ({ text, folded: false }));
  const inAnyCase = (...texts: string[]) => texts.map((text) => ({ text, folded: true }));
  // Ends in a space: this number, and none that begins with it.
  const rare = [0.9, 0.7, 0.5, 0.3].map((part) => `request=${Math.floor(lines * part)} `);
  const [one = ''] = rare;
  return [
    literal('rare', exactly(one)),
    literal('rare, any case', inAnyCase(one)),
    literal('one of four rare', exactly(...rare)),
    literal('each 97th line', exactly('" 500 ')),
    literal('each third line', exactly('iPhone')),
    literal('each third line, any case', inAnyCase('iphone')),
    {
      name: 'status >= 500',
      question: { kind: 'status', from: 500 },
      peers: [
        ripgrep('-c', '" 5[0-9][0-9] '),
        grep('-c', '" 5[0-9][0-9] '),
        lnav('SELECT count(*) FROM access_log WHERE sc_status >= 500'),
      ],
    },
    {
      name: 'histogram by minute',
      question: { kind: 'minutes' },
      peers: [lnav(`SELECT count(DISTINCT timeslice(log_time, '1m')) FROM access_log`)],
    },
    {
      name: 'last 100',
      question: { kind: 'last', count: 100 },
      peers: [
        { program: 'tail', args: ['-n', '100'], rounds: 'all', answer: (output) => output.split('\n').length - 1 },
      ],
    },
  ];
}
