import { quantile } from '../sample.ts';
import { readLine } from './line.ts';

/** What a reader gave, in the order in which it came. */
export type Item =
  | { kind: 'line'; at: bigint; text: string }
  /** It said that something of this file may be missing here. */
  | { kind: 'loss'; file: string };

/** How a reader did. All but the latencies are counts of lines. */
export interface Tally {
  received: number;
  missing: number;
  repeated: number;
  outOfOrder: number;
  /** Not lines that were written: halves of some, or two run together. */
  garbled: number;
  /** Of the missing ones, those of which it said at their place that something may be missing. */
  announced: number;
  /** At how many places it said so though nothing was missing. */
  falseAlarms: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Compares what came of one stretch with what was written: `count` lines to each of these files. */
export function tally(items: Iterable<Item>, stretch: string, files: string[], count: number): Tally {
  const tracks = new Map(files.map((file) => [file, new Track()]));
  const latencies: number[] = [];
  let garbled = 0;
  for (const item of items) {
    if (item.kind === 'loss') {
      tracks.get(item.file)?.loss();
      continue;
    }
    const line = readLine(item.text);
    const track = line && tracks.get(line.file);
    if (!line || !track) garbled++;
    else if (line.stretch === stretch) {
      track.line(line.number);
      latencies.push(Number(item.at - line.writtenAt) / 1e6);
    }
    // What is said before the first line of the stretch is of the one before.
    else track.forget();
  }
  const all = [...tracks.values()].map((track) => track.end(count));
  const sum = (of: (track: Counts) => number) => all.reduce((total, track) => total + of(track), 0);
  return {
    received: latencies.length,
    missing: sum(({ missing }) => missing),
    repeated: sum(({ repeated }) => repeated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    garbled,
    announced: sum(({ announced }) => announced),
    falseAlarms: sum(({ falseAlarms }) => falseAlarms),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
  };
}

type Counts = Pick<Tally, 'missing' | 'repeated' | 'outOfOrder' | 'announced' | 'falseAlarms'>;

/** The lines of one file, as they come. */
class Track {
  readonly #seen = new Set<number>();
  /** Lines that were passed over, and whether that was said when it happened. */
  readonly #passed = new Map<number, 'announced' | 'silent'>();
  #next = 0;
  /** Whether the reader has said, since the last line, that something may be missing. */
  #said: 'nothing' | 'loss' = 'nothing';
  #repeated = 0;
  #outOfOrder = 0;
  #falseAlarms = 0;

  loss(): void {
    this.#said = 'loss';
  }

  forget(): void {
    this.#said = 'nothing';
  }

  line(number: number): void {
    if (this.#seen.has(number)) {
      this.#repeated++;
      return;
    }
    this.#seen.add(number);
    if (number < this.#next) {
      this.#outOfOrder++;
      this.#passed.delete(number);
      return;
    }
    this.#passTo(number);
    this.#next = number + 1;
  }

  /** `count` lines were written. */
  end(count: number): Counts {
    this.#passTo(count);
    const announced = [...this.#passed.values()].filter((way) => way === 'announced').length;
    return {
      missing: this.#passed.size,
      repeated: this.#repeated,
      outOfOrder: this.#outOfOrder,
      announced,
      falseAlarms: this.#falseAlarms,
    };
  }

  /** Everything before this line that has not come is passed over, and excused by what was said since the last one. */
  #passTo(number: number): void {
    const way = this.#said === 'loss' ? 'announced' : 'silent';
    if (number === this.#next && this.#said === 'loss') this.#falseAlarms++;
    for (let passed = this.#next; passed < number; passed++) this.#passed.set(passed, way);
    this.#said = 'nothing';
  }
}
