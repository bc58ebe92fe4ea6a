import { scaleOf } from '../history/histogram.ts';
import { examined, Findings } from './findings.ts';
import type { FileRecord, LogFile } from './log-file.ts';
import { type Report, reportBuckets, reportOf } from './report.ts';

/** The template of a record, and of how many lines that is. */
export interface TemplatedRecord {
  template: string;
  lines: number;
}

/** What a log consists of. What it is given while it is read does not count. */
export class FileAnalysis {
  readonly #log: LogFile;

  constructor(log: LogFile) {
    this.#log = log;
  }

  /**
   * Reads the log twice: for the time that it covers, then to count; once more where its templates are told.
   *
   * @param told is called with the records in portions, in order; awaited
   */
  async report(told: ((records: TemplatedRecord[]) => Promise<void>) | null = null): Promise<Report> {
    const { count, from, to } = await this.#extent();
    const scale = scaleOf({ from, to: to + 1 }, reportBuckets);
    const findings = new Findings(scale);
    for await (const records of this.#first(count)) {
      for (const whole of records) findings.see(examined(whole, whole.parsed.timestamp));
    }
    const report = reportOf(findings, { format: this.#log.detected.format, scale, sourceId: '' });
    if (told !== null) await this.#tell(findings, count, told);
    return report;
  }

  /** How many records there are, and the time that they cover. */
  async #extent(): Promise<{ count: number; from: number; to: number }> {
    let [count, from, to] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for await (const records of this.#log.records()) {
      count += records.length;
      for (const { timestamp } of records.map(({ parsed }) => parsed)) {
        if (timestamp === null) continue;
        from = Math.min(from, timestamp);
        to = Math.max(to, timestamp);
      }
    }
    return from > to ? { count, from: 0, to: 0 } : { count, from, to };
  }

  async #tell(findings: Findings, count: number, told: (records: TemplatedRecord[]) => Promise<void>): Promise<void> {
    const templates = findings.templates();
    for await (const records of this.#first(count)) {
      await told(
        records.map(({ parsed, lines }) => {
          const tally = findings.find(parsed);
          return { template: (tally && templates.get(tally)) ?? parsed.message, lines };
        }),
      );
    }
  }

  /** The first so many records, in portions. */
  async *#first(count: number): AsyncGenerator<FileRecord[], void, undefined> {
    let left = count;
    for await (const records of this.#log.records()) {
      yield records.slice(0, left);
      left -= records.length;
      if (left <= 0) return;
    }
  }
}
