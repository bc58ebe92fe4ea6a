import { type Principal, requireSignedIn } from '../access/principal.ts';
import type { PrismaClient } from '../db/client.ts';
import type { Prisma, SourceKind } from '../db/sqlite/client.ts';
import { InvalidInputError, LimitReachedError, NotFoundError } from '../errors.ts';
import type { ChainFile } from '../file/listing.ts';
import type { FileState } from '../file/state.ts';
import type { FormatName } from '../format/registry.ts';
import type { Catalog } from './catalog.ts';
import type { SourceChanges, SourceWatch } from './change.ts';
import type { Log } from './log.ts';
import { foldedName } from './name.ts';
import type { Source } from './source.ts';
import { mayRead, visibleTo } from './visibility.ts';

/** Which of the visible sources are wanted; what is left out does not matter. */
export interface SourceSelection {
  kind?: SourceKind | null | undefined;
  /** Part of the name, in any case. */
  nameContains?: string | null | undefined;
}

export type SourceKey = { id: string } | { name: string };

/** How much there is of a log. */
export interface SourceExtent {
  /** Bytes on disk over all segments. */
  size: number;
  /** Milliseconds since 1970, UTC; null when nothing was written yet. */
  modifiedAt: number | null;
}

export interface SourceSegment extends ChainFile {
  /** Why not all of its entries can be read, in words; null when all can, as far as is known. */
  problem(): Promise<string | null>;
}

/** The query that @pothos/plugin-prisma makes of a GraphQL selection: which columns and relations to load. */
export type SourceQuery = Pick<Prisma.SourceFindManyArgs, 'include' | 'cursor' | 'take' | 'skip'>;

/** The sources, for those who may see them. */
export class Sources {
  readonly #client: PrismaClient;
  readonly #catalog: Catalog;
  readonly #watch: SourceWatch;
  /** To whom a row was given: they may read it, for as long as they hold it. */
  readonly #given = new WeakMap<Source, Principal>();

  constructor(client: PrismaClient, catalog: Catalog, watch: SourceWatch) {
    this.#client = client;
    this.#catalog = catalog;
    this.#watch = watch;
  }

  /** In the order of their creation. */
  async list(principal: Principal, selection: SourceSelection, query: SourceQuery): Promise<Source[]> {
    const where = this.#where(principal, selection);
    if (!isName(selection.nameContains ?? '')) return [];
    await this.#catalog.fresh();
    return this.#give(principal, await this.#client.source.findMany({ ...query, where, orderBy: { id: 'asc' } }));
  }

  async count(principal: Principal, selection: SourceSelection): Promise<number> {
    const where = this.#where(principal, selection);
    if (!isName(selection.nameContains ?? '')) return 0;
    await this.#catalog.fresh();
    return this.#client.source.count({ where });
  }

  /**
   * By id, or by name: of several with one name the principal's own first, then those of others, then the
   * configuration's. Null: none, or not to be seen.
   */
  async find(principal: Principal, key: SourceKey, query: SourceQuery = {}): Promise<Source | null> {
    const where = visibleTo(principal);
    if ('name' in key && !isName(key.name)) return null;
    await this.#catalog.fresh();
    const found = await this.#client.source.findMany({
      ...query,
      where: { AND: [where, key] },
      orderBy: { id: 'asc' },
    });
    const { userId } = requireSignedIn(principal);
    const own = found.find(({ ownerId }) => ownerId === userId) ?? found.find(({ ownerId }) => ownerId !== null);
    const [source = null] = this.#give(principal, own === undefined ? found.slice(0, 1) : [own]);
    return source;
  }

  /** Those of these ids that the principal may see, in the order of their creation. */
  async some(principal: Principal, ids: string[]): Promise<Source[]> {
    const where = { AND: [visibleTo(principal), { id: { in: ids } }] };
    return this.#give(principal, await this.#client.source.findMany({ where, orderBy: { id: 'asc' } }));
  }

  /** @throws {NotFoundError} when there is none, or the principal may not see it */
  async log(principal: Principal, id: string): Promise<Log> {
    const source = await this.find(principal, { id });
    const log = source === null ? undefined : await this.#catalog.log(source);
    if (log === undefined)
      throw new NotFoundError('There is no such source; list the sources you may see with Query.sources.');
    return log;
  }

  /**
   * Several logs, each once, in the order named.
   *
   * @throws {NotFoundError} when one of the sources is not there, or the principal may not see it
   * @throws {InvalidInputError} when none is named
   * @throws {LimitReachedError} when more are named than `most`
   */
  async logs(principal: Principal, sourceIds: string[], most: number): Promise<Log[]> {
    const ids = [...new Set(sourceIds)];
    if (ids.length === 0) {
      const message = 'Name at least one source; list those you may see with Query.sources.';
      throw new InvalidInputError([{ path: ['sources'], message, code: 'EMPTY' }]);
    }
    if (ids.length > most) {
      const message = `At most ${most} sources can be asked for together; ask again for the rest.`;
      throw new LimitReachedError(message, { limit: most });
    }
    return Promise.all(ids.map((id) => this.log(principal, id)));
  }

  /** Whether it can be read now; like all below, NotFoundError for who may not see it. */
  async state(principal: Principal, source: Source): Promise<FileState> {
    return (await this.logOf(principal, source)).state();
  }

  async extent(principal: Principal, source: Source): Promise<SourceExtent> {
    const files = await this.segments(principal, source);
    return {
      size: files.reduce((sum, file) => sum + file.size, 0),
      modifiedAt: files.length === 0 ? null : Math.max(...files.map((file) => file.modifiedAt)),
    };
  }

  /** Oldest first. */
  async segments(principal: Principal, source: Source): Promise<SourceSegment[]> {
    const { chain } = await this.logOf(principal, source);
    return (await chain.list()).map((file) => ({ ...file, problem: () => chain.problem(file) }));
  }

  async format(principal: Principal, source: Source): Promise<FormatName> {
    return (await this.logOf(principal, source)).format();
  }

  /** The zone in which timestamps that name none are read; an IANA name. */
  async timezone(principal: Principal, source: Source): Promise<string> {
    return (await this.logOf(principal, source)).timezone;
  }

  /** What comes, goes and changes state from now on, of the sources that the principal may see. */
  changes(principal: Principal): Promise<SourceChanges> {
    visibleTo(principal);
    return this.#watch.subscribe((source, grantees) => mayRead(principal, source, grantees));
  }

  /** `log`, for a source that was found already: no second look into the database. */
  async logOf(principal: Principal, source: Source): Promise<Log> {
    const isGiven = this.#given.get(source) === principal || mayRead(principal, source);
    const log = isGiven ? await this.#catalog.log(source) : undefined;
    return log ?? this.log(principal, source.id);
  }

  #give(principal: Principal, sources: Source[]): Source[] {
    for (const source of sources) this.#given.set(source, principal);
    return sources;
  }

  #where(principal: Principal, { kind, nameContains }: SourceSelection): Prisma.SourceWhereInput {
    return {
      AND: [
        visibleTo(principal),
        kind ? { kind } : {},
        nameContains ? { foldedName: { contains: foldedName(nameContains) } } : {},
      ],
    };
  }
}

/** No name has a NUL character, and PostgreSQL refuses to be asked about one. */
const isName = (text: string): boolean => !text.includes('\0');
