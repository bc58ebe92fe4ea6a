import { recordTextOf } from '../download/records.ts';
import { havingLeft, type Position, type RawRecord } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import { Chain } from '../file/chain.ts';
import { Follower, type FollowSink } from '../file/follow.ts';
import type { Permits } from '../file/open.ts';
import { type FileState, stateOf } from '../file/state.ts';
import type { Unpacker } from '../file/unpack.ts';
import type { DirectoryWatch } from '../file/watch.ts';
import { type Detected, detect } from '../format/detect.ts';
import { Entry, type LogContext } from '../format/entry.ts';
import type { Format } from '../format/format.ts';
import { type FormatName, formatOf } from '../format/registry.ts';
import { type Examination, examine } from '../history/examination.ts';
import type { Layout } from '../history/joiner.ts';
import { newestLines } from '../history/newest-lines.ts';
import { type Page, type PageRequest, readPage } from '../history/page.ts';
import type { Sieve, Sought } from '../history/scan.ts';
import type { PageBudget } from '../history/search.ts';
import { extentOf, type Survey, type Surveyed, survey, timeBeforeIn } from '../history/survey.ts';
import type { TimedEntry } from '../history/time-before.ts';
import { Assembly } from '../hub/assembly.ts';
import { Feed, type FeedItem } from '../hub/feed.ts';
import { Portion } from '../hub/portion.ts';
import type { Limits } from '../limits.ts';
import type { Loss } from '../loss.ts';
import type { ScanPool } from '../scan/pool.ts';
import type { ProvidedLog } from './expand.ts';
import type { Grantee } from './grant.ts';
import type { Source } from './source.ts';

/** What the engine lends to every log. */
export interface LogSurroundings {
  permits: Permits;
  unpacker: Unpacker;
  pool: ScanPool;
  watch: DirectoryWatch;
  events: EngineEvents;
  limits: Limits;
  /** IANA zone of timestamps without one, where neither they nor the configuration say. */
  timezone: string;
}

/** Most entries in one item of a feed: what a reader takes at once. */
const itemEntries = 500;

/** Lines that detection looks at, and how many of them it takes for an answer about text to be final. */
const sampleLines = 100;
const conclusiveLines = 20;

const asFormat = ({ format, layout }: Detected): Format => formatOf(format, layout);

/** Which part of a log to read. */
export type LogPageRequest = Omit<PageRequest, 'sieve'> & {
  /** What is wanted of it; null: everything. */
  sought?: Sought | null;
};

/** A stretch of a log, understood. */
export type LogPage = Omit<Page, 'records'> & { entries: Entry[] };

/** A source with its bytes: the files it stands for, how to understand them, and its live side. */
export class Log {
  readonly source: Source;
  readonly chain: Chain;
  readonly feed: Feed;
  readonly timezone: string;
  /** With whom the configuration shares it. */
  readonly grantees: readonly Grantee[];
  readonly #unavailable: FileState | null;
  readonly #surroundings: LogSurroundings;
  readonly #configured: FormatName | null;
  /** Null until the content tells. */
  #detected: Detected | null = null;
  /** What it looks like, while there is too little of it to tell for good. */
  #guess: Detected | null = null;
  /** Signature of the file as it was last found readable. */
  #readable: string | null = null;
  /** When it was last emptied by its owner; ms since 1970, UTC. */
  #clearedAt = Number.NEGATIVE_INFINITY;

  constructor(source: Source, provided: ProvidedLog, format: FormatName | null, surroundings: LogSurroundings) {
    this.source = source;
    this.chain = new Chain(provided.location, surroundings.permits, surroundings.unpacker);
    this.timezone = provided.timezone ?? surroundings.timezone;
    this.grantees = provided.grantees;
    this.#unavailable = provided.unavailable ?? null;
    this.#configured = format;
    this.#surroundings = surroundings;
    const { liveWindowEntries, liveWindowBytes } = surroundings.limits;
    const limits = { entries: liveWindowEntries, bytes: liveWindowBytes };
    this.feed = new Feed((publish) => this.#follow(publish), limits, surroundings.events);
  }

  /** The format configured, else the one that the content tells; UNKNOWN rather than a guess. */
  async format(): Promise<FormatName> {
    return (await this.#detection()).format;
  }

  /**
   * A stretch of the log as entries, in the order of writing.
   *
   * @throws {PositionLostError} when a bound is no longer in the log
   */
  async page({ sought = null, ...request }: LogPageRequest, budget: Partial<PageBudget> = {}): Promise<LogPage> {
    const { limits, pool } = this.#surroundings;
    const detected = await this.#detection();
    const format = asFormat(detected);
    const sieve = sought && { ...sought, limits, detected, timezone: this.timezone, pool };
    const how = { ...limits, ...budget, ...this.#layout(format) };
    const { records, ...page } = await readPage(this.chain, { ...request, sieve }, how);
    return { ...page, entries: this.#entries(records, format) };
  }

  /** The text of what is sought, in portions; ends where the log ends now. Throws PositionLostError as `recordTextOf`. */
  async *text(sought: Sought): AsyncGenerator<Uint8Array, void, undefined> {
    const { sieve, layout } = await this.#sieveOf(sought);
    yield* recordTextOf(this.chain, layout, sieve);
  }

  /** Counts what is sought in all of the log. */
  async survey<Count>(sought: Sought, counting: (pool: ScanPool) => Survey<Count>): Promise<Surveyed<Count>> {
    const { limits, pool } = this.#surroundings;
    const { sieve, layout } = await this.#sieveOf(sought);
    return survey(this.chain, layout, sieve, counting(pool), limits);
  }

  /** Looks through all that is sought, from the beginning; throws as `examine`. */
  async examine<Part>(sought: Sought, examination: Examination<Part>): Promise<void> {
    const { sieve, layout } = await this.#sieveOf(sought);
    await examine(this.chain, layout, sieve, examination);
  }

  /** When its first and last entries happened, in ms since 1970, UTC; null when none says so. */
  async extent(): Promise<{ first: number; last: number } | null> {
    const detected = await this.#detection();
    return extentOf(this.chain, this.#layout(asFormat(detected)), { detected, timezone: this.timezone });
  }

  /** The last entry before a position that says when it happened, null for the end of the log; as `timeBeforeIn`. */
  async timeBefore(position: Position | null): Promise<TimedEntry | null> {
    const detected = await this.#detection();
    const layout = this.#layout(asFormat(detected));
    return timeBeforeIn(this.chain, position, layout, { detected, timezone: this.timezone });
  }

  clear(now = Date.now()): void {
    this.#clearedAt = now;
  }

  /** Why what stood after a position is gone: of a stream nothing is lost that was not to go. */
  reasonOf(reason: Loss['reason'], { segment }: Position): Loss['reason'] | 'CLEARED' | 'RETENTION' {
    if (this.source.kind !== 'STREAM') return reason;
    return segment.bornAt <= this.#clearedAt ? 'CLEARED' : 'RETENTION';
  }

  /** The place between two entries in one of its files, which is not compressed; null when that is not there. */
  async positionAt(inode: number, offset: number): Promise<Position | null> {
    const file = (await this.chain.list()).find((one) => one.inode === inode);
    const segment = file === undefined ? null : await this.chain.openReadable(file);
    if (segment === null) return null;
    return segment.positionAt(offset).finally(() => segment.close());
  }

  async #sieveOf(sought: Sought): Promise<{ sieve: Sieve; layout: Layout }> {
    const { limits, pool } = this.#surroundings;
    const detected = await this.#detection();
    const sieve = { ...sought, limits, detected, timezone: this.timezone, pool };
    return { sieve, layout: this.#layout(asFormat(detected)) };
  }

  async #detection(): Promise<Detected> {
    if (this.#detected !== null) return this.#detected;
    return this.#detect(await newestLines(this.chain, sampleLines, this.#surroundings.limits.maxRecordBytes));
  }

  #entries(records: { record: RawRecord; writtenBefore: number }[], format: Format): Entry[] {
    let context: LogContext | null = null;
    return records.map(({ record, writtenBefore }) => {
      if (context?.parse.writtenBefore !== writtenBefore) {
        context = { source: this.source, format, parse: { timezone: this.timezone, writtenBefore } };
      }
      return new Entry(context, record);
    });
  }

  /**
   * Whether it can be read now. Cheap while nothing changed: the file is opened again only when the name leads to
   * another one, or its owner or permissions differ.
   */
  async state(): Promise<FileState> {
    if (this.#unavailable !== null) return this.#unavailable;
    const signature = await this.chain.signature();
    if (signature !== null && this.#readable === signature) return { state: 'ACTIVE' };
    const state = await this.#probe();
    // What cannot be read is looked at again: the reason may go by itself.
    this.#readable = state.state === 'ACTIVE' ? signature : null;
    return state;
  }

  async #probe(): Promise<FileState> {
    try {
      await this.chain.check();
      return { state: 'ACTIVE' };
    } catch (error) {
      return stateOf(error);
    }
  }

  /** What is known of how it is written, or can be told from these lines. */
  #known(lines: RawRecord[]): Detected {
    const guess = this.#guess?.format === 'UNKNOWN' ? null : this.#guess;
    return this.#detected ?? guess ?? this.#detect(lines.map(({ raw }) => raw));
  }

  #detect(newest: string[]): Detected {
    const lines = newest.slice(0, sampleLines);
    const detected = detect(lines, this.#configured);
    const isText = detected.format === 'TEXT' || detected.format === 'UNKNOWN';
    if (!isText || lines.length >= conclusiveLines) this.#detected = detected;
    this.#guess = detected;
    return detected;
  }

  #layout({ begins }: Format): Layout {
    return { begins: begins ?? null, maxRecordBytes: this.#surroundings.limits.maxRecordBytes };
  }

  /** What was just written, as entries, in portions. */
  #portions(records: RawRecord[]): Entry[][] {
    const parse = { timezone: this.timezone, writtenBefore: Date.now() };
    const context: LogContext = { source: this.source, format: asFormat(this.#known(records)), parse };
    const portions: Entry[][] = [];
    for (let at = 0; at < records.length; at += itemEntries) {
      portions.push(records.slice(at, at + itemEntries).map((record) => new Entry(context, record)));
    }
    return portions;
  }

  /** How these lines make records, as far as can be told. */
  #layoutOf(lines: RawRecord[]): Layout | null {
    const known = this.#known(lines);
    return known.format === 'UNKNOWN' ? null : this.#layout(asFormat(known));
  }

  async #follow(publish: (item: FeedItem) => void) {
    const { watch, events, limits } = this.#surroundings;
    await this.format();
    const options = { sourceId: this.source.id, chain: this.chain, watch, events, ...limits };
    const sink: FollowSink = {
      records: (records) => {
        for (const entries of this.#portions(records)) {
          const position = entries.at(-1)?.record.position;
          if (position === undefined) continue;
          publish({ kind: 'entries', portion: new Portion(entries, havingLeft(position, follower.left), 'fresh') });
        }
      },
      late: (records) => {
        for (const entries of this.#portions(records)) publish({ kind: 'late', entries });
      },
      rotated: (rotation) => publish({ kind: 'rotated', ...rotation, to: havingLeft(rotation.to, rotation.from) }),
      state: (state) => publish({ kind: 'state', state }),
    };
    const assembly = new Assembly(sink, (lines) => this.#layoutOf(lines), limits.maxRecordBytes);
    const follower = new Follower(options, assembly);
    const start = await follower.start();
    const head = start && havingLeft(start, follower.left);
    return {
      head,
      look: (known: Position | null) => follower.look(known),
      stop: () => {
        assembly.close();
        return follower.stop();
      },
    };
  }
}
