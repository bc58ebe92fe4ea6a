import type { Parsed } from '../entry.ts';
import { bucketAt, type Scale, scaleOf } from '../history/histogram.ts';
import { anomaliesOf } from './anomaly.ts';
import { countFields, type HttpTally, httpReport } from './http.ts';
import type { LogFile } from './log-file.ts';
import { mine } from './miner.ts';
import { isError } from './novelty.ts';
import { reportBuckets } from './report.ts';
import { shapeOf } from './shape.ts';
import { ShapeTable } from './shape-table.ts';
import type { SummarisedReport } from './summary.ts';
import { countEntry, emptyTally, levelCountsOf, levelOf, type Tally } from './tally.ts';

interface Pattern extends Tally {
  template: string;
}

/** What entries of one shape count for: their number, then the pattern that the shape turns out to be of. */
interface ShapeCount {
  count: number;
  pattern: Pattern | null;
}

/** The template of a record, and of how many lines that is. */
export interface TemplatedRecord {
  template: string;
  lines: number;
}

/** What a log consists of. Reads it twice: for the shapes of its messages and the time it covers, then to count. */
export class FileAnalysis {
  readonly #log: LogFile;
  readonly #shapes = new ShapeTable<ShapeCount>({
    create: () => ({ count: 0, pattern: null }),
    merge: (into, from) => {
      into.count += from.count;
    },
  });

  constructor(log: LogFile) {
    this.#log = log;
  }

  /**
   * What a log that is still written to is given meanwhile does not count.
   *
   * @param told is called with the records in portions, in order; awaited
   */
  async report(told: (records: TemplatedRecord[]) => Promise<void> = async () => {}): Promise<SummarisedReport> {
    const { entryCount, from, to } = await this.#learn();
    const scale = scaleOf({ from: from ?? 0, to: (to ?? 0) + 1 }, reportBuckets);
    const patterns = this.#patterns();
    const series = { total: new Float64Array(scale.buckets), errors: new Float64Array(scale.buckets) };
    let http: HttpTally | null = null;
    let left = entryCount;
    for await (const all of this.#log.records()) {
      const records = all.slice(0, left);
      left -= records.length;
      const templated = records.map(({ parsed, lines }): TemplatedRecord => {
        const pattern = this.#shapes.find(parsed.message)?.pattern ?? null;
        if (pattern !== null) see(pattern, parsed, scale, series);
        http = countFields(http, parsed.fields);
        return { template: pattern?.template ?? shapeOf(parsed.message), lines };
      });
      await told(templated);
      if (left === 0) break;
    }
    patterns.sort((a, b) => b.count - a.count);
    const counted = patterns.map((pattern) => ({
      ...pattern,
      level: levelOf(pattern),
      timeline: [...pattern.timeline].sort(([a], [b]) => a - b),
    }));
    return {
      format: this.#log.detected.format,
      entryCount,
      from,
      to,
      levels: levelCountsOf(patterns),
      patterns: counted,
      anomalies: from === null ? [] : anomaliesOf({ scale, ...series, patterns: counted }),
      http: http && httpReport(http),
    };
  }

  /** The shapes of its messages, how many entries it has, and the time that they cover. */
  async #learn(): Promise<Pick<SummarisedReport, 'entryCount' | 'from' | 'to'>> {
    let [entryCount, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for await (const records of this.#log.records()) {
      for (const { parsed } of records) {
        entryCount++;
        this.#shapes.of(parsed.message).count++;
        const { timestamp } = parsed;
        if (timestamp === null) continue;
        low = Math.min(low, timestamp);
        high = Math.max(high, timestamp);
      }
    }
    return low > high ? { entryCount, from: null, to: null } : { entryCount, from: low, to: high };
  }

  #patterns(): Pattern[] {
    const entries = [...this.#shapes.entries()];
    const templates = mine(entries.map(([shape, { count }]) => ({ shape, count })));
    const patterns = new Map<string, Pattern>();
    for (const [index, [shape, own]] of entries.entries()) {
      const template = templates[index] ?? shape;
      const known = patterns.get(template);
      own.pattern = known ?? { ...emptyTally(), template };
      if (known === undefined) patterns.set(template, own.pattern);
    }
    return [...patterns.values()];
  }
}

function see(
  pattern: Pattern,
  { timestamp, level }: Parsed,
  scale: Scale,
  { total, errors }: { total: Float64Array; errors: Float64Array },
): void {
  const bucket = timestamp === null ? null : bucketAt(scale, timestamp);
  countEntry(pattern, level, timestamp === null || bucket === null ? null : { time: timestamp, bucket });
  if (bucket === null) return;
  total[bucket] = (total[bucket] ?? 0) + 1;
  if (isError(level)) errors[bucket] = (errors[bucket] ?? 0) + 1;
}
