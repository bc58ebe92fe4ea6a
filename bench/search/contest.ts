/** A program that answers the same question. */
export interface Peer {
  program: 'rg' | 'grep' | 'lnav';
  /** The log is added behind them. */
  args: string[];
  /** `once`: it is so slow that one round says enough. */
  rounds: 'all' | 'once';
  /** The answer in what it prints. */
  answer(output: string): number;
}

/** Which lines are to be counted, and who is asked besides us. We tell when they were written as well: a histogram. */
export interface Contest {
  name: string;
  /** A LogFilter; null: all. */
  filter: object | null;
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
function literal(name: string, texts: string[], caseSensitive = true): Contest {
  const options = caseSensitive ? '-cF' : '-ciF';
  const args = [options, ...texts.flatMap((text) => ['-e', text])];
  return {
    name,
    filter: { or: texts.map((contains) => ({ contains, caseSensitive })) },
    peers: [ripgrep(...args), grep(...args)],
  };
}

/** Contests over a log of bench/access-log.ts with so many lines. */
export function contests(lines: number): Contest[] {
  // Ends in a space: this number, and none that begins with it.
  const rare = [0.9, 0.7, 0.5, 0.3].map((part) => `request=${Math.floor(lines * part)} `);
  const [one = ''] = rare;
  return [
    literal('rare', [one]),
    literal('rare, any case', [one], false),
    literal('one of four rare', rare),
    literal('each 97th line', ['" 500 ']),
    {
      name: 'status >= 500',
      filter: { fields: [{ path: 'status', gte: 500 }] },
      peers: [
        ripgrep('-c', '" 5[0-9][0-9] '),
        grep('-c', '" 5[0-9][0-9] '),
        lnav('SELECT count(*) FROM access_log WHERE sc_status >= 500'),
      ],
    },
    { name: 'histogram', filter: null, peers: [lnav('SELECT count(log_time) FROM access_log')] },
  ];
}
