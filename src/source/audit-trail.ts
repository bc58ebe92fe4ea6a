import { join } from 'node:path';
import type { Principal } from '../access/principal.ts';
import { readAnchor, writeAnchor } from '../audit/anchor.ts';
import { type Head, HeadSigner, isSigned } from '../audit/head.ts';
import { beginning, type Tip } from '../audit/link.ts';
import { newestTip } from '../audit/tip.ts';
import { type ChainProblem, ChainVerifier } from '../audit/verifier.ts';
import { encodeCursor } from '../cursor.ts';
import type { Position } from '../entry.ts';
import { type ChainFile, directoryOf, listFiles } from '../file/listing.ts';
import type { Logs } from '../logs.ts';
import { streamLocation } from './owned-logs.ts';
import type { Source } from './source.ts';

/** Whether an audit stream is what was written to it, as far as it was looked at. */
export interface Verification {
  /** Whether nothing was found wrong. */
  intact: boolean;
  /** Whether all of it was looked at; else it goes on at the cursor. */
  complete: boolean;
  cursor: string | null;
  records: number;
  problems: (ChainProblem & { cursor: string | null })[];
}

/** Records looked at in one call, and time (ms): then it goes on from a cursor. */
const [mostRecords, mostMs] = [1_000_000, 5000];

/** Records read at once. */
const pageSize = 1000;

/** The chains of audit streams: what vouches for them, and whether they are whole. */
export class AuditTrail {
  readonly #signer: HeadSigner;
  readonly #dataDir: string;

  /** @throws {OperatorError} when the key cannot be had */
  constructor(dataDir: string, keyFile: string | undefined) {
    this.#dataDir = dataDir;
    this.#signer = HeadSigner.open(keyFile ?? join(dataDir, 'audit.key'));
  }

  /** The last record of a stream; when all is removed, the last that was. */
  async tip(source: Source): Promise<Tip> {
    const location = this.#locationOf(source);
    return (await newestTip(await listFiles(location))) ?? (await readAnchor(directoryOf(location))) ?? beginning;
  }

  /** Vouches for the last record; null for what is no audit stream, or has none. */
  async head(source: Source): Promise<Head | null> {
    if (!isTrail(source)) return null;
    const tip = await this.tip(source);
    return tip.sequence === 0 ? null : this.#signer.sign(tip, source.id);
  }

  /** Vouches for the last record of files that are about to be removed, so that what is left can be told to follow them. */
  async anchor(source: Source, going: readonly ChainFile[]): Promise<void> {
    const tip = await newestTip(going);
    if (tip !== null) await writeAnchor(directoryOf(this.#locationOf(source)), this.#signer.sign(tip, source.id));
  }

  /**
   * Reads a stream, from after a cursor if one is given, and says where it is not what was written.
   *
   * @throws {InvalidInputError} when the cursor is damaged, of another source, or its place is gone
   */
  async verify(
    principal: Principal,
    source: Source,
    { logs, head, after }: { logs: Logs; head: Head | null; after: string | null },
  ): Promise<Verification | null> {
    if (!isTrail(source)) return null;
    const anchor = await readAnchor(directoryOf(this.#locationOf(source))).catch(() => null);
    const first = anchor !== null && isSigned(anchor, source.id) ? anchor : beginning;
    const verifier = new ChainVerifier({ head, log: source.id, tip: after === null ? first : null });
    const found: Verification['problems'] = verifier.problems.map((problem) => ({ ...problem, cursor: null }));
    const deadline = performance.now() + mostMs;
    const cursorOf = (position: Position) => encodeCursor([[source.id, position]]);
    let at = after;
    for (;;) {
      const page = await logs.page(principal, source, { after: at, take: { first: pageSize } });
      for (const { record } of page.entries) {
        const problem = verifier.take(record.raw);
        if (problem !== null && found.length < verifier.problems.length)
          found.push({ ...problem, cursor: cursorOf(record.position) });
      }
      at = cursorOf(page.end);
      if (!page.hasNext) break;
      if (verifier.records < mostRecords && performance.now() < deadline) continue;
      return { intact: found.length === 0, complete: false, cursor: at, records: verifier.records, problems: found };
    }
    const missing = verifier.end();
    if (missing !== null) found.push({ ...missing, cursor: at });
    return { intact: found.length === 0, complete: true, cursor: at, records: verifier.records, problems: found };
  }

  #locationOf(source: Source) {
    return streamLocation(this.#dataDir, source);
  }
}

const isTrail = ({ kind, format }: Source): boolean => kind === 'STREAM' && format === 'AUDIT_LOG';
