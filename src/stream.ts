import { Batch, type Positions, type Reader } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { EngineEvents } from './events.ts';
import type { Sought } from './history/scan.ts';
import type { Portion } from './hub/portion.ts';
import { Lane } from './lane.ts';
import type { LaneEvent, LaneStart } from './lane-event.ts';
import { type Passed, surplus } from './look-back.ts';
import type { Right } from './source/access-watch.ts';
import type { Log } from './source/log.ts';
import type { TailEvent } from './tail-event.ts';
import { Turns } from './turns.ts';

export interface TailRequest {
  logs: Log[];
  /** Where to begin: now, with the oldest entries, after positions, or with the newest `count` entries over all logs. */
  start:
    | { kind: 'now' }
    | { kind: 'beginning' }
    | { kind: 'after'; positions: Positions }
    | { kind: 'last'; count: number };
  /** Null: everything. */
  sought: Sought | null;
  delivery: Delivery;
  right: Right;
}

/** Takes events one by one; a promise says when it will take the next. */
export type Deliver<Event> = (event: Event) => Promise<void> | undefined;

/** Time (ms) without any event after which a progress event tells where the tail is. */
const progressMs = 5000;

/**
 * One reader's tail over one or several logs: history after a position, then live, in one sequence without a seam,
 * each entry once, in the order of its log. Between logs the order is by time while catching up, and by arrival live.
 *
 * It is pulled: a slow reader asks less often, and holds no more than a page of entries. An iterator of its own, not
 * an async generator, whose `return` would wait for the next event of a quiet log for ever.
 */
export class Tail implements AsyncIterableIterator<TailEvent> {
  readonly #delivery: Delivery;
  readonly #events: EngineEvents;
  /** In the order of the request. */
  #lanes: Lane[] = [];
  #turns = new Turns([]);
  readonly #reader: Reader;
  #wake: () => void = () => {};
  #state: 'catching-up' | 'live' | 'ended' = 'catching-up';
  /** With how many of the newest entries it begins, until it is known where these are; null: with others. */
  #newest: number | null = null;
  #deliver: Deliver<TailEvent> | null = null;
  /** Until the event that was delivered last is taken. */
  #busy: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;
  /** Calls off searches when the tail ends. */
  readonly #gone = new AbortController();
  readonly #right: Right;
  #lastEventAt = performance.now();
  #lastBatchAt = Number.NEGATIVE_INFINITY;

  private constructor(
    { logs, delivery, right }: Pick<TailRequest, 'logs' | 'delivery' | 'right'>,
    events: EngineEvents,
  ) {
    this.#delivery = delivery;
    const sourceIds = logs.map(({ source }) => source.id);
    this.#reader = { sourceIds, group: [delivery.maxBatch, delivery.maxLatencyMs, ...sourceIds].join() };
    this.#right = right;
    this.#events = events;
    right.lost.addEventListener('abort', () => this.#wake(), { once: true });
  }

  static async open(request: TailRequest, events: EngineEvents): Promise<Tail> {
    const { logs, start, sought, delivery } = request;
    const tail = new Tail(request, events);
    const own = sought && { ...sought, signal: tail.#gone.signal };
    try {
      for (const log of logs) {
        const options = { start: laneStart(start, log), onLag: delivery.onLag, sought: own, wake: () => tail.#wake() };
        tail.#lanes.push(await Lane.open(log, options));
      }
      tail.#turns = new Turns(tail.#lanes);
      if (start.kind === 'last') tail.#newest = start.count;
      return tail;
    } catch (error) {
      await tail.return();
      throw error;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Hands out events until the tail ends: instead of `next`, and sooner. What is written to a log while nothing is under
   * way is handed out in the same call that read it.
   */
  async deliver(deliver: Deliver<TailEvent>): Promise<void> {
    this.#deliver = deliver;
    while (this.#state !== 'ended') {
      const event = await this.#event();
      if (event !== null) this.#busy = deliver(event) ?? null;
    }
    await this.#busy;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async next(): Promise<IteratorResult<TailEvent, undefined>> {
    while (this.#state !== 'ended') {
      const value = await this.#event();
      if (value !== null) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  /** Waits for something to tell; null when it came to nothing, or to its end. */
  async #event(): Promise<TailEvent | null> {
    try {
      await this.#prepare();
      return this.#hasEnded() ? null : this.#takeEvent();
    } catch (error) {
      if (this.#state === 'ended') return null;
      // Nobody calls `return` on an iterator that has thrown.
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<TailEvent, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#right.release();
    this.#state = 'ended';
    this.#gone.abort();
    for (const lane of this.#lanes) lane.close();
    this.#lanes = [];
    this.#turns = new Turns([]);
    this.#wake();
  }

  /** Whether it ended meanwhile: then nobody would wake what goes to sleep now. */
  #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Whether nothing more may be delivered, but that it is so. */
  #isLost(): boolean {
    return this.#right.lost.aborted;
  }

  #takeEvent(): TailEvent | null {
    const event = this.#take();
    if (event === null) return null;
    this.#lastEventAt = performance.now();
    if (event.kind !== 'progress') this.#scanned();
    if (event.kind === 'ended') this.#end();
    return event;
  }

  /** Returns when there is something to deliver: reads from disk what is behind, else waits for what comes. */
  async #prepare(): Promise<void> {
    while (this.#state !== 'ended') {
      await this.#busy;
      this.#busy = null;
      if (this.#hasEnded() || this.#isLost()) return;
      const behind = this.#lanes.filter((lane) => lane.peek() === null && (lane.lagged || !lane.isLive));
      for (const lane of behind) await (lane.lagged ? this.#recover(lane) : lane.catchUp());
      this.#beginWithNewest();
      if (behind.length > 0 && !this.#isProgressDue()) continue;
      if (this.#state === 'catching-up') return;
      const ready = this.#lanes.some((lane) => lane.peek() !== null);
      const due = ready ? this.#lastBatchAt + this.#delivery.maxLatencyMs : this.#lastEventAt + progressMs;
      const ms = due - performance.now();
      if (ms <= 0 || (ready && this.#isEnough())) return;
      await (ready ? this.#sleep(ms, () => this.#isEnough()) : this.#sleep(ms, () => !this.#deliverAtOnce()));
    }
  }

  async #recover(lane: Lane): Promise<void> {
    this.#events.readerLagged({ sourceId: lane.log.source.id });
    await lane.recover();
  }

  #isProgressDue(): boolean {
    return performance.now() >= this.#lastEventAt + progressMs;
  }

  /** Bytes looked at since the last event. */
  #scanned(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.takeScannedBytes(), 0);
  }

  /** Whether as many entries wait as one event may have: then there is nothing to wait for. */
  #isFull(): boolean {
    return this.#waiting() >= this.#delivery.maxBatch;
  }

  /** Whether there is nothing to wait for: also what others like this one did not wait for. */
  #isEnough(): boolean {
    return this.#isFull() || this.#guide() !== undefined;
  }

  /** Hands out what has come, if that can be done on the spot; else it is done by and by. */
  #deliverAtOnce(): boolean {
    const isDue = this.#isEnough() || performance.now() >= this.#lastBatchAt + this.#delivery.maxLatencyMs;
    if (this.#deliver === null || !isDue || this.#lanes.some((lane) => lane.peek() === null && lane.lagged))
      return false;
    try {
      for (let event = this.#takeEvent(); event !== null; event = this.#takeEvent()) {
        this.#busy = this.#deliver(event) ?? null;
        if (this.#busy !== null) return false;
      }
      return this.#state !== 'ended';
    } catch (error) {
      // Whoever wrote to the log, and its other readers, have nothing to do with it.
      this.#failure = { error };
      this.#end();
      return false;
    }
  }

  /** Until `ms` have passed, or something comes and that is what was waited for. */
  #sleep(ms: number, enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#wake = () => {
        if (this.#state === 'ended' || this.#isLost() || enough()) end();
      };
    });
  }

  /** The next event out of what is ready; null when there is nothing to tell yet. */
  #take(): TailEvent | null {
    if (this.#isLost()) return { kind: 'ended', reason: 'forbidden' };
    const portions: Portion[] = [];
    const guide = this.#guide();
    const order = this.#state === 'live' ? 'turn' : 'time';
    let room = this.#delivery.maxBatch;
    for (let lane = this.#turns.next(order, guide?.portions[0]); lane !== null; ) {
      const event = lane.peekAt(room);
      if (event === null || (event.kind !== 'entries' && portions.length > 0)) break;
      const before = event.kind === 'gap' ? this.#positions() : null;
      lane.shift();
      if (event.kind !== 'entries') return this.#tell(lane, event, before);
      portions.push(event.portion);
      room -= event.portion.entries.length;
      if (room <= 0 || portions.length === guide?.portions.length) break;
      lane = this.#turns.next(order, guide?.portions[portions.length]);
    }
    if (portions.length > 0) return this.#batch(portions);
    if (this.#state === 'catching-up' && this.#lanes.every((lane) => lane.isLive)) {
      this.#state = 'live';
      for (const lane of this.#lanes) lane.grain = 'portion';
      return { kind: 'caught-up', positions: this.#positions() };
    }
    if (this.#isProgressDue()) return { kind: 'progress', positions: this.#positions(), scannedBytes: this.#scanned() };
    return null;
  }

  #batch(portions: Portion[]): Batch {
    const batch = Batch.of(
      portions,
      this.#lanes.map(({ position }) => position),
      this.#reader,
    );
    // That of all who share it: so what they wait for next ends for all of them at the same time.
    this.#lastBatchAt = batch.madeAt;
    this.#turns.pass();
    return batch;
  }

  /** What another reader like this one has made of what comes next. */
  #guide(): Batch | undefined {
    for (const lane of this.#turns) {
      const event = lane.peekAt(this.#delivery.maxBatch);
      if (event?.kind !== 'entries' || !event.portion.isFresh) continue;
      const batch = event.portion.batches.find(({ group }) => group === this.#reader.group);
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  #tell(lane: Lane, event: Exclude<LaneEvent, { kind: 'entries' }>, before: Positions | null): TailEvent {
    const { source } = lane.log;
    switch (event.kind) {
      case 'gap': {
        const { skippedBytes, reason } = event;
        return { kind: 'gap', source, from: before ?? this.#positions(), to: this.#positions(), skippedBytes, reason };
      }
      case 'rotated':
        return { kind: 'rotated', source, positions: this.#positions(), possibleLoss: event.possibleLoss };
      case 'state':
        return { kind: 'state', source };
      case 'ended':
        return { kind: 'ended', reason: 'lagged' };
    }
  }

  /** Once all lanes know where their newest entries are: it begins with those that are newest over all. */
  #beginWithNewest(): void {
    if (this.#newest === null) return;
    const passed: (readonly Passed[])[] = [];
    for (const lane of this.#lanes) {
      if (lane.passed === null) return;
      passed.push(lane.passed);
    }
    const omitted = surplus(passed, this.#newest);
    this.#newest = null;
    for (const [index, lane] of this.#lanes.entries()) lane.beginAfter(omitted[index] ?? 0);
  }

  #waiting(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  #positions(): Positions {
    return new Map(this.#lanes.map((lane) => [lane.log.source.id, lane.position]));
  }
}

function laneStart(start: TailRequest['start'], log: Log): LaneStart {
  if (start.kind !== 'after') return start;
  const position = start.positions.get(log.source.id);
  return position === undefined ? { kind: 'now' } : { kind: 'after', position };
}
