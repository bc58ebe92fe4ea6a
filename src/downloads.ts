import type { Access } from './access/access.ts';
import type { DownloadLink } from './access/download-link.ts';
import type { Principal } from './access/principal.ts';
import { bytesOf } from './download/bytes.ts';
import { NotFoundError } from './errors.ts';
import { compileFilter } from './filter/compile.ts';
import { everything } from './filter/everything.ts';
import type { FilterInput } from './filter/input.ts';
import { PositionLostError } from './history/span.ts';
import type { Limits } from './limits.ts';
import type { Source } from './source/source.ts';
import type { Sources } from './source/sources.ts';

export interface DownloadRequest {
  sourceId: string;
  /** As the text of a search; null: everything. */
  filter: string | null;
  remoteAddress: string;
  /** Aborted when nobody waits any more. */
  signal: AbortSignal;
}

export interface DownloadText {
  source: Source;
  /** In portions, read as they are asked for. NotFoundError where the log was deleted or overwritten meanwhile. */
  portions: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Logs to take away whole, for those who may read them. */
export class Downloads {
  readonly #sources: Sources;
  readonly #access: Access;
  readonly #limits: Limits;

  constructor(sources: Sources, access: Access, limits: Limits) {
    this.#sources = sources;
    this.#access = access;
    this.#limits = limits;
  }

  /**
   * A link to a log, or to the part of it that fulfils a filter.
   *
   * @throws {NotFoundError} when there is no such source, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong, or too long for a URL
   */
  async link(principal: Principal, source: Source, filter: FilterInput | null): Promise<DownloadLink> {
    await this.#sources.logOf(principal, source);
    const { condition } = compileFilter(filter, this.#limits, ['filter']);
    const text = condition === everything ? null : condition.print();
    return this.#access.createDownloadLink(principal, { sourceId: source.id, filter: text });
  }

  /**
   * The text of a log, oldest first, up to where it ends when the first portion is asked for: without a filter the
   * bytes of its files as they are, those of compressed ones unpacked; with one the records that fulfil it, each as
   * written and with a newline after it. Memory does not grow with the log.
   *
   * @throws {NotFoundError} when there is no such source, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong
   */
  async text(
    principal: Principal,
    { sourceId, filter, signal, remoteAddress }: DownloadRequest,
  ): Promise<DownloadText> {
    const log = await this.#sources.log(principal, sourceId);
    const { source } = log;
    const input = filter === null ? null : { query: filter };
    const sought = input && { filter: compileFilter(input, this.#limits, ['filter']), input, signal };
    const portions = sought === null ? bytesOf(log.chain, signal) : log.text(sought);
    const record = () =>
      this.#access.recordDownload(principal, source, { part: sought === null ? 'all' : 'filtered', remoteAddress });
    return { source, portions: recorded(portions, record) };
  }
}

/** The same, of which it is put down that it began, and told why it cannot go on. */
async function* recorded<Portion>(portions: AsyncGenerator<Portion, void, undefined>, record: () => void) {
  record();
  try {
    yield* portions;
  } catch (error) {
    if (!(error instanceof PositionLostError)) throw error;
    const message = 'The log was deleted or overwritten while it was downloaded; ask again for what is there now.';
    throw new NotFoundError(message);
  }
}
