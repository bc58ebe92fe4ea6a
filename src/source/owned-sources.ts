import type { Journal } from '../access/journal.ts';
import { type Principal, requireScope } from '../access/principal.ts';
import type { PrismaClient } from '../db/client.ts';
import type { Prisma } from '../db/sqlite/client.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { AccessWatch } from './access-watch.ts';
import type { Catalog } from './catalog.ts';
import type { SourceWatch } from './change.ts';
import type { Grantee } from './grant.ts';
import { foldedName } from './name.ts';
import { nameTaken } from './new-source.ts';
import { accessOf, granteesIn, granteesOf, type SourceAccess } from './sharing.ts';
import type { Source } from './source.ts';
import type { Sources } from './sources.ts';
import type { Streams } from './streams.ts';
import { checkUpdate, type SourceUpdate } from './update.ts';
import type { Uploads } from './uploads.ts';
import { changeableBy } from './visibility.ts';

export interface OwnedSurroundings {
  client: PrismaClient;
  sources: Sources;
  catalog: Catalog;
  watch: SourceWatch;
  access: AccessWatch;
  uploads: Uploads;
  streams: Streams;
  journal: Journal;
}

/** The sources that people own, for those who may change them: their owners, and administrators. */
export class OwnedSources {
  readonly #our: OwnedSurroundings;

  constructor(surroundings: OwnedSurroundings) {
    this.#our = surroundings;
  }

  /**
   * Who may read a source besides its owner and administrators. Null to those who may not change that; of the
   * configuration's logs, which nobody changes here, administrators are told what it says.
   */
  async readers(principal: Principal, source: Source): Promise<SourceAccess | null> {
    if (principal.kind !== 'user' || !principal.scopes.has('SOURCES_WRITE')) return null;
    if (principal.role !== 'ADMIN' && source.ownerId !== principal.userId) return null;
    const { client } = this.#our;
    return accessOf(client, await granteesOf(client, source.id));
  }

  /**
   * Changes a source. What it is called and how it is read holds for whoever asks from then on; who may read it no longer
   * loses what they have open on it at once.
   *
   * @throws {NotFoundError} when there is none, or the principal may not see it
   * @throws {ForbiddenError} when it is not theirs to change
   * @throws {InvalidInputError} when it cannot be changed to that
   * @throws {ConflictError} when its owner has another one of that name
   */
  async update(principal: Principal, id: string, update: SourceUpdate): Promise<Source> {
    const source = await this.#changeable(principal, id);
    checkUpdate(source, update);
    const { client, catalog, watch, access } = this.#our;
    const before = await granteesOf(client, id);
    const after = update.sharedWith === undefined ? before : await granteesIn(client, update.sharedWith);
    const changed = await this.#write(source, update, update.sharedWith && after);
    catalog.forget(id);
    watch.changed(changed, before, after);
    access.changed(changed, after);
    this.#record(principal, 'source_update', changed, { changed: Object.keys(update) });
    return changed;
  }

  /**
   * Deletes a source, and with it what is known of it.
   *
   * @returns the source as it was
   * @throws {NotFoundError} when there is none, or the principal may not see it
   * @throws {ForbiddenError} when it is not theirs to delete
   */
  async delete(principal: Principal, id: string): Promise<Source> {
    const source = await this.#changeable(principal, id);
    const { client, catalog, watch, access, uploads, streams } = this.#our;
    const before = await granteesOf(client, id);
    const upload = await client.upload.findUnique({ where: { sourceId: id } });
    const { count } = await client.source.deleteMany({ where: { id } });
    if (count === 0) throw noSuchSource();
    catalog.forget(id);
    watch.changed(source, before, null);
    access.changed(source, null);
    // Afterwards: what no row names any more is removed at the next start at the latest.
    if (upload !== null) await uploads.remove(upload);
    else await streams.remove(source);
    this.#record(principal, 'source_delete', source, {});
    return source;
  }

  /**
   * Removes everything in a stream; it goes on empty.
   *
   * @throws {NotFoundError} when there is none, or the principal may not see it
   * @throws {ForbiddenError} when it is not theirs to clear
   * @throws {ConflictError} when it is no stream
   */
  async clear(principal: Principal, id: string): Promise<Source> {
    const source = await this.#changeable(principal, id);
    if (source.kind !== 'STREAM') throw new ConflictError('Only a stream can be emptied; delete an upload instead.');
    await this.#our.streams.clear(source);
    this.#record(principal, 'stream_clear', source, {});
    return source;
  }

  async #changeable(principal: Principal, id: string): Promise<Source> {
    const where = { AND: [changeableBy(principal), { id }] };
    const found = await this.#our.client.source.findFirst({ where });
    if (found !== null) return found;
    if (principal.kind !== 'user' || !principal.scopes.has('LOGS_READ')) throw noSuchSource();
    const seen = await this.#our.sources.find(principal, { id });
    if (seen === null) throw noSuchSource();
    throw new ForbiddenError(
      seen.ownerId === null
        ? 'This log is what the configuration says; change it there.'
        : 'This source is shared with you to be read; ask its owner to change it.',
    );
  }

  /** In one transaction. */
  async #write({ id, name }: Source, update: SourceUpdate, grantees: Grantee[] | undefined): Promise<Source> {
    const { client } = this.#our;
    const row: Prisma.SourceUpdateInput = {
      ...(update.name !== undefined && { name: update.name, foldedName: foldedName(update.name) }),
      ...(update.format !== undefined && { format: update.format }),
      ...(update.timezone !== undefined && { timezone: update.timezone }),
      ...(update.retention !== undefined && { stream: { update: update.retention } }),
      ...(grantees && { grants: { deleteMany: {}, create: grantees.map((grantee) => ({ grantee })) } }),
    };
    try {
      return await client.source.update({ where: { id }, data: row });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'P2002') throw nameTaken(update.name ?? name);
      if (code === 'P2025') throw noSuchSource();
      throw error;
    }
  }

  #record(
    principal: Principal,
    action: keyof typeof messages,
    { id, name, kind, ownerId }: Source,
    what: { changed?: string[] },
  ): void {
    const { userId, username } = requireScope(principal, 'SOURCES_WRITE');
    this.#our.journal.did(action, messages[action], {
      userId,
      username,
      sourceId: id,
      source: name,
      kind,
      ownerId,
      ...what,
    });
  }
}

const messages = {
  source_update: 'A source was changed',
  source_delete: 'A source was deleted',
  stream_clear: 'A stream was emptied',
};

const noSuchSource = () =>
  new NotFoundError('There is no such source; list the sources you may see with Query.sources.');
