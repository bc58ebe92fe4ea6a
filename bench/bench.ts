/** What a bench may use while it runs. */
export interface Stage {
  /** A directory of its own, removed afterwards. */
  directory: string;
  /** `quick`: under a minute, for a first impression; `full`: for figures to publish. */
  length: 'quick' | 'full';
  /** Directory of labelled logs that predictions are wanted for, instead of a comparison. */
  score: string | undefined;
  /** What to undo at the end, also after a failure; the last first. */
  defer(undo: () => Promise<void> | void): void;
  /** Says what is going on, to whoever waits. */
  say(text: string): void;
}

/** One line of the table. The name of a figure ends in its unit; a ratio is ours divided by the peer's. */
export type Row = Record<string, string | number>;

export interface Report {
  rows: Row[];
  /** What the figures should be, and whether they are. */
  goals: { goal: string; result: 'met' | 'missed' }[];
  /** What makes the figures worthless, such as entries that never came. */
  problems: string[];
}

/** A comparison of ours with what people use otherwise: on the same data, in the same run, taking turns. */
export interface Bench {
  name: string;
  /** What it measures, in a sentence. */
  about: string;
  run(stage: Stage): Promise<Report>;
}
