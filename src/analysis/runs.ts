import type { Journal } from '../access/journal.ts';
import { type Principal, requireScope } from '../access/principal.ts';
import type { Analysis, Prisma } from '../db/sqlite/client.ts';
import { ConflictError, ForbiddenError, LimitReachedError, NotFoundError } from '../errors.ts';
import { compileFilter } from '../filter/compile.ts';
import type { FilterInput } from '../filter/input.ts';
import type { Entry } from '../format/entry.ts';
import type { Logs } from '../logs.ts';
import type { Source } from '../source/source.ts';
import type { Sources } from '../source/sources.ts';
import { visibleTo } from '../source/visibility.ts';
import type { Anomaly } from './anomaly.ts';
import { exampleIn } from './example.ts';
import type { Report } from './report.ts';
import { isActive, noSuchAnalysis, RunChanges } from './run-changes.ts';
import { endOf, Runner, type RunnerSurroundings } from './runner.ts';

export type { Analysis } from '../db/sqlite/client.ts';

/** The query that @pothos/plugin-prisma makes of a GraphQL selection: which relations to load. */
export type AnalysisQuery = Pick<Prisma.AnalysisFindManyArgs, 'include' | 'cursor' | 'take' | 'skip'>;

/** The report of an analysis that the principal it was given to may see. */
export interface AnalysisReport extends Report {
  analysis: Analysis;
}

export interface RunsSurroundings extends RunnerSurroundings {
  sources: Sources;
  logs: Logs;
  journal: Journal;
}

/** What logs consist of, and what in them is unusual: looked at when somebody asks, kept until somebody deletes it. */
export class Runs {
  readonly #our: RunsSurroundings;
  readonly #runner: Runner;

  constructor(surroundings: RunsSurroundings) {
    this.#our = surroundings;
    this.#runner = new Runner(surroundings);
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  /**
   * Has a log analysed. One that is queued or running is the answer to whoever else asks meanwhile, `created: false`.
   *
   * @throws {NotFoundError} when there is no such source, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong
   * @throws {ConflictError} when the source cannot be read now
   * @throws {LimitReachedError} when too many analyses wait, or are kept of that source
   */
  async start(
    principal: Principal,
    sourceId: string,
    filter: FilterInput | null,
  ): Promise<{ analysis: Analysis; created: boolean }> {
    const { userId } = requireScope(principal, 'ANALYSES_WRITE');
    const { client, sources, limits } = this.#our;
    compileFilter(filter, limits, ['input', 'filter']);
    const { source } = await sources.log(principal, sourceId);
    const state = await sources.state(principal, source);
    if (state.state !== 'ACTIVE') throw new ConflictError(`The source cannot be read now: ${state.reason}`);
    for (;;) {
      const active = await client.analysis.findUnique({ where: { activeSourceId: sourceId } });
      if (active !== null) return { analysis: active, created: false };
      await this.#checkRoom(userId, sourceId);
      const created = await this.#create({
        ...{ sourceId, activeSourceId: sourceId, startedById: userId },
        filter: filter && JSON.stringify(filter),
      });
      // Of several at the same moment one has made it.
      if (created === null) continue;
      this.#record(principal, 'analysis_start', created, source);
      this.#runner.look();
      return { analysis: created, created: true };
    }
  }

  /** Null when there is none, or the principal may not see its source. */
  find(principal: Principal, id: string, query: AnalysisQuery = {}): Promise<Analysis | null> {
    const where = { id, source: visibleTo(principal) };
    return this.#our.client.analysis.findFirst({ ...query, where });
  }

  /** The one of a source that is queued or running; null when there is none. */
  active(principal: Principal, { id }: Source, query: AnalysisQuery = {}): Promise<Analysis | null> {
    const where = { activeSourceId: id, source: visibleTo(principal) };
    return this.#our.client.analysis.findFirst({ ...query, where });
  }

  /** Null as long as it has not succeeded. */
  async report(principal: Principal, analysis: Analysis): Promise<AnalysisReport | null> {
    if (analysis.status !== 'SUCCEEDED') return null;
    const where = { analysisId: analysis.id, analysis: { source: visibleTo(principal) } };
    const result = await this.#our.client.analysisResult.findFirst({ where });
    if (result === null) return null;
    const report: Report = JSON.parse(result.report);
    return { ...report, analysis };
  }

  /** An entry that shows what is unusual; null when none is there any more. */
  async example(principal: Principal, report: AnalysisReport, anomaly: Anomaly): Promise<Entry | null> {
    const source = await this.#our.sources.find(principal, { id: report.analysis.sourceId });
    return source && exampleIn(this.#our.logs, principal, source, { report, anomaly });
  }

  /** A run as it is now, whenever it has changed, and when it is over, or is not there any more. */
  async follow(principal: Principal, id: string): Promise<RunChanges> {
    visibleTo(principal);
    return new RunChanges(() => this.find(principal, id));
  }

  /**
   * Whoever is at it notices with the next beat, and stops.
   *
   * @throws {NotFoundError} when there is none, or the principal may not see it
   * @throws {ForbiddenError} when it is not theirs to cancel
   * @throws {ConflictError} when it is over
   */
  async cancel(principal: Principal, id: string): Promise<Analysis> {
    const { analysis, source } = await this.#own(principal, id);
    const { client } = this.#our;
    const { count } = await client.analysis.updateMany({
      where: { id, status: { in: ['QUEUED', 'RUNNING'] } },
      data: { status: 'CANCELED', finishedAt: endOf(analysis), activeSourceId: null, holder: null, heldUntil: null },
    });
    if (count === 0) throw new ConflictError('It is over already; there is nothing to cancel.');
    this.#record(principal, 'analysis_cancel', analysis, source);
    return (await client.analysis.findUnique({ where: { id } })) ?? analysis;
  }

  /**
   * @returns the source that it was of
   * @throws {NotFoundError} when there is none, or the principal may not see it
   * @throws {ForbiddenError} when it is not theirs to delete
   * @throws {ConflictError} when it is not over
   */
  async delete(principal: Principal, id: string): Promise<Source> {
    const { analysis, source } = await this.#own(principal, id);
    const { count } = await this.#our.client.analysis.deleteMany({
      where: { id, status: { notIn: ['QUEUED', 'RUNNING'] } },
    });
    if (count === 0 && isActive(analysis)) throw new ConflictError('It is not over yet; cancel it first.');
    if (count === 0) throw noSuchAnalysis();
    this.#record(principal, 'analysis_delete', analysis, source);
    return source;
  }

  async #checkRoom(userId: string, sourceId: string): Promise<void> {
    const { client, limits } = this.#our;
    const { maxAnalysesPerUser, maxAnalysesPerSource } = limits;
    const active = await client.analysis.count({ where: { startedById: userId, activeSourceId: { not: null } } });
    if (active >= maxAnalysesPerUser) {
      const message = `You have ${active} analyses under way; wait until one is over, or cancel one.`;
      throw new LimitReachedError(message, { limit: maxAnalysesPerUser, retryAfterMs: 5000 });
    }
    if ((await client.analysis.count({ where: { sourceId } })) < maxAnalysesPerSource) return;
    const message = `At most ${maxAnalysesPerSource} analyses of a source are kept; delete some.`;
    throw new LimitReachedError(message, { limit: maxAnalysesPerSource });
  }

  /** Null when the source has one under way. */
  async #create(data: Prisma.AnalysisUncheckedCreateInput): Promise<Analysis | null> {
    try {
      return await this.#our.client.analysis.create({ data });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'P2002') return null;
      if (code === 'P2003')
        throw new NotFoundError('There is no such source; list the sources you may see with Query.sources.');
      throw error;
    }
  }

  /** One that the principal may cancel and delete: they started it, own its source, or are an administrator. */
  async #own(principal: Principal, id: string): Promise<{ analysis: Analysis; source: Source }> {
    const { userId, role } = requireScope(principal, 'ANALYSES_WRITE');
    const where = { id, source: visibleTo(principal) };
    const found = await this.#our.client.analysis.findFirst({ where, include: { source: true } });
    if (found === null) throw noSuchAnalysis();
    const { source, ...analysis } = found;
    if (role !== 'ADMIN' && analysis.startedById !== userId && source.ownerId !== userId) {
      throw new ForbiddenError('Somebody else started it; ask them, or the owner of the source.');
    }
    return { analysis, source };
  }

  #record(principal: Principal, action: keyof typeof messages, { id }: Analysis, source: Source): void {
    const { userId, username } = requireScope(principal, 'ANALYSES_WRITE');
    const of = { sourceId: source.id, source: source.name };
    this.#our.journal.did(action, messages[action], { userId, username, analysisId: id, ...of });
  }
}

const messages = {
  analysis_start: 'An analysis was started',
  analysis_cancel: 'An analysis was canceled',
  analysis_delete: 'An analysis was deleted',
};
