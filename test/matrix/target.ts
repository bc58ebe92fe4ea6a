import { randomUUID } from 'node:crypto';
import { decodeGlobalID, encodeGlobalID } from '@pothos/plugin-relay';
import { AccessTokens } from '../../src/access/access-token.ts';
import { createApiToken } from '../../src/access/api-token.ts';
import { signingKey } from '../../src/access/secret.ts';
import { newSecret, secretHash } from '../../src/access/secret-hash.ts';
import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { sessionOf } from '../access/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { streamOf } from '../support/stream.ts';
import type { Asker } from './rules.ts';

/** What a rule asks for, by global id: the log, session and API token are the owner's. */
export interface Target {
  ownerId: string;
  sourceId: string;
  streamId: string;
  /** Of the configuration, for administrators. */
  ownLogId: string;
  cursor: string;
  analysisId: string;
  sessionId: string;
  tokenId: string;
  invitationId: string;
}

type UserIds = Record<'owner' | 'member' | 'admin', string>;
type Log = Pick<Target, 'sourceId' | 'cursor'>;

/** A server with somebody of each kind, whose things can be asked for. */
export class Stage {
  readonly server: TestServer;
  readonly #client: PrismaClient;
  readonly #tokens: AccessTokens;
  readonly #ids: UserIds;
  readonly #log: Log;
  readonly close: () => Promise<void>;

  private constructor(
    server: TestServer,
    { client, close }: { client: PrismaClient; close(): Promise<void> },
    { tokens, ids, log }: { tokens: AccessTokens; ids: UserIds; log: Log },
  ) {
    this.server = server;
    this.#client = client;
    this.close = () => close();
    this.#tokens = tokens;
    this.#ids = ids;
    this.#log = log;
  }

  static async open(): Promise<Stage> {
    const server = await startTestServer({
      auth: { registration: 'OPEN' },
      files: { 'a.log': 'one\n' },
      limits: { maxSignInsPerAddress: 10_000, maxConnectionsPerUser: 1000, maxConnectionsPerAddress: 1000 },
    });
    const { source } = await server.data<{ source: { id: string; entries: { nodes: { cursor: string }[] } } }>(
      '{ source(by: { name: "a.log" }) { id entries { nodes { cursor } } } }',
    );
    const [{ cursor } = { cursor: '' }] = source.entries.nodes;
    const database = await openDatabase(server.config.databaseUrl);
    const { client } = database;
    const make = async (username: string, role: 'ADMIN' | 'MEMBER') =>
      (await client.user.create({ data: { username, role } })).id;
    const ids = {
      owner: await make('owner', 'MEMBER'),
      member: await make('member', 'MEMBER'),
      admin: await make('root', 'ADMIN'),
    };
    // No log is a member's own yet, but for this one.
    await client.source.updateMany({ where: { name: 'a.log' }, data: { ownerId: ids.owner } });
    const tokens = new AccessTokens(await signingKey(server.config), 600);
    return new Stage(server, database, { tokens, ids, log: { sourceId: source.id, cursor } });
  }

  /** New things of the owner, whatever became of those before. */
  async target(): Promise<Target> {
    const { owner: id } = this.#ids;
    const { sessionId } = await sessionOf(this.#client, id);
    const { apiToken } = await createApiToken(this.#client, { id }, { name: 'target', scopes: ['LOGS_READ'] });
    const { id: streamId } = await streamOf(this.server, this.#client, { ownerId: id, name: randomUUID() });
    const analysis = { sourceId: decodeGlobalID(this.#log.sourceId).id, startedById: id, status: 'SUCCEEDED' } as const;
    const { id: analysisId } = await this.#client.analysis.create({ data: analysis });
    const expiresAt = new Date(Date.now() + 3600_000);
    const invitation = await this.#client.invitation.create({ data: { codeHash: secretHash(newSecret()), expiresAt } });
    return {
      ...this.#log,
      ownerId: encodeGlobalID('User', id),
      streamId: encodeGlobalID('Source', streamId),
      ownLogId: await this.server.sourceId('tailql/system'),
      analysisId: encodeGlobalID('Analysis', analysisId),
      sessionId: encodeGlobalID('Session', sessionId),
      tokenId: encodeGlobalID('ApiToken', apiToken.id),
      invitationId: encodeGlobalID('Invitation', invitation.id),
    };
  }

  /** A new credential; null: none. */
  async credential(asker: Asker): Promise<string | null> {
    if (asker === 'anonymous') return null;
    if (asker === 'weak') {
      const { admin: id } = this.#ids;
      return (await createApiToken(this.#client, { id }, { name: 'weak', scopes: ['ANALYSES_WRITE'] })).secret;
    }
    return (await this.#tokens.issue(await sessionOf(this.#client, this.#ids[asker]))).token;
  }
}
