import { type Level, levels, type Parsed } from '../entry.ts';
import { type Scale, scaleOf } from '../history/histogram.ts';
import { anomaliesOf } from './anomaly.ts';
import { countRequest, emptyHttp, type HttpTally, httpReport, pathTally } from './http.ts';
import type { LogFile } from './log-file.ts';
import { mine } from './miner.ts';
import { shapeOf } from './shape.ts';
import { ShapeTable } from './shape-table.ts';
import type { SummarisedReport } from './summary.ts';

/** Buckets over the time covered in which anomalies are looked for. */
const mostBuckets = 300;

/** What entries of one template have in common. */
interface Pattern {
  template: string;
  count: number;
  levels: number[];
  /** Milliseconds since 1970, UTC; null when none says so. */
  firstSeen: number | null;
  timeline: Map<number, number>;
}

/** What entries of one shape count for: their number, then the pattern that the shape turns out to be of. */
interface ShapeCount {
  count: number;
  pattern: Pattern | null;
}

const levelIndex = new Map(levels.map((level, index): [Level, number] => [level, index]));

/** The level that most have; of equals the most severe. */
const levelOf = ({ levels: counts }: Pattern): Level => levels[counts.lastIndexOf(Math.max(...counts))] ?? 'UNKNOWN';

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

  /** @param told is called with the template of each record, and of how many lines that is, in order; awaited */
  async report(told: (template: string, lines: number) => Promise<void> | void = () => {}): Promise<SummarisedReport> {
    let from: number | null = null;
    let to: number | null = null;
    for await (const { parsed } of this.#log.records()) {
      this.#shapes.of(parsed.message).count++;
      const { timestamp } = parsed;
      if (timestamp === null) continue;
      from = Math.min(from ?? timestamp, timestamp);
      to = Math.max(to ?? timestamp, timestamp);
    }
    const scale = scaleOf({ from: from ?? 0, to: (to ?? 0) + 1 }, mostBuckets);
    const patterns = this.#patterns();
    const series = { total: new Float64Array(scale.buckets), errors: new Float64Array(scale.buckets) };
    let http: HttpTally | null = null;
    let entryCount = 0;
    for await (const { parsed, lines } of this.#log.records()) {
      entryCount++;
      const pattern = this.#shapes.find(parsed.message)?.pattern ?? null;
      if (pattern !== null) see(pattern, parsed, scale, series);
      http = countHttp(http, parsed);
      await told(pattern?.template ?? shapeOf(parsed.message), lines);
    }
    patterns.sort((a, b) => b.count - a.count);
    const counted = patterns.map((pattern) => ({
      ...pattern,
      level: levelOf(pattern),
      timeline: [...pattern.timeline].sort(([a], [b]) => a - b),
    }));
    const levelCounts = levels.map((level, index) => ({
      level,
      count: patterns.reduce((sum, pattern) => sum + (pattern.levels[index] ?? 0), 0),
    }));
    return {
      format: this.#log.detected.format,
      entryCount,
      from,
      to,
      levels: levelCounts.filter(({ count }) => count > 0),
      patterns: counted,
      anomalies: from === null ? [] : anomaliesOf({ scale, ...series, patterns: counted }),
      http: http && httpReport(http),
    };
  }

  #patterns(): Pattern[] {
    const entries = [...this.#shapes.entries()];
    const templates = mine(entries.map(([shape, { count }]) => ({ shape, count })));
    const patterns = new Map<string, Pattern>();
    for (const [index, [shape, own]] of entries.entries()) {
      const template = templates[index] ?? shape;
      const known = patterns.get(template);
      const none = { template, count: 0, levels: levels.map(() => 0), firstSeen: null, timeline: new Map() };
      own.pattern = known ?? none;
      if (known === undefined) patterns.set(template, own.pattern);
    }
    return [...patterns.values()];
  }
}

function see(
  pattern: Pattern,
  { timestamp, level }: Parsed,
  { from, bucketMs }: Scale,
  { total, errors }: { total: Float64Array; errors: Float64Array },
): void {
  const index = levelIndex.get(level) ?? 0;
  pattern.count++;
  pattern.levels[index] = (pattern.levels[index] ?? 0) + 1;
  if (timestamp === null) return;
  pattern.firstSeen = Math.min(pattern.firstSeen ?? timestamp, timestamp);
  const bucket = Math.floor((timestamp - from) / bucketMs);
  pattern.timeline.set(bucket, (pattern.timeline.get(bucket) ?? 0) + 1);
  total[bucket] = (total[bucket] ?? 0) + 1;
  if (level === 'ERROR' || level === 'FATAL') errors[bucket] = (errors[bucket] ?? 0) + 1;
}

/** Counts what is a request with a status and a path. */
function countHttp(http: HttpTally | null, { fields }: Parsed): HttpTally | null {
  const { status, path, bytesSent, durationMs } = fields;
  if (typeof status !== 'number' || typeof path !== 'string') return http;
  const sum = http ?? emptyHttp();
  countRequest(sum, pathTally(sum, path), {
    status,
    bytesSent: typeof bytesSent === 'number' ? bytesSent : null,
    durationMs: typeof durationMs === 'number' ? durationMs : null,
  });
  return sum;
}
