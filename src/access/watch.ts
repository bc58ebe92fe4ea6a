import type { PrismaClient } from '../db/client.ts';
import type { EngineEvents } from '../events.ts';
import type { SignedIn } from './principal.ts';

/**
 * How soon it is noticed that another process, or an administrator at the database, ended a credential, in ms. What is
 * ended here is noticed at once.
 */
const lookEveryMs = 5000;

interface Watcher {
  principal: SignedIn;
  ended(): void;
}

/**
 * Tells those who hold something open for a credential (a socket, a subscription) that it has come to nothing: its
 * session or token was revoked, or its user disabled or given another role.
 */
export class CredentialWatch {
  readonly #client: PrismaClient;
  readonly #events: Pick<EngineEvents, 'failed'>;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: PrismaClient, events: Pick<EngineEvents, 'failed'>) {
    this.#client = client;
    this.#events = events;
  }

  /**
   * @param ended called at most once; it must not throw
   * @returns what ends the watching
   */
  add(principal: SignedIn, ended: () => void): () => void {
    const watcher = { principal, ended };
    this.#watchers.add(watcher);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.close();
    };
  }

  /** @param id of the session, API token or user that has come to nothing */
  end(id: string): void {
    this.#endWhere(({ credentialId, userId }) => credentialId === id || userId === id);
  }

  /** Ends what has come to nothing without our knowing. */
  async look(): Promise<void> {
    const watched = [...this.#watchers].map(({ principal }) => principal);
    try {
      const roles = await this.#roles(watched.map(({ userId }) => userId));
      const credentials = await this.#credentials(watched.flatMap(({ credentialId = [] }) => credentialId));
      const seen = new Set(watched);
      this.#endWhere((principal) => {
        const { userId, role, credentialId } = principal;
        const isGood = roles.get(userId) === role && (credentialId === undefined || credentials.has(credentialId));
        return seen.has(principal) && !isGood;
      });
    } catch (error) {
      this.#events.failed({ doing: 'look whether credentials are still good', error });
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #endWhere(isOver: (principal: SignedIn) => boolean): void {
    for (const watcher of [...this.#watchers]) {
      if (!isOver(watcher.principal)) continue;
      this.#watchers.delete(watcher);
      watcher.ended();
    }
  }

  /** The role of each user that may come in. */
  async #roles(ids: string[]): Promise<Map<string, SignedIn['role']>> {
    const users = await this.#client.user.findMany({
      where: { id: { in: [...new Set(ids)] }, disabled: false },
      select: { id: true, role: true },
    });
    return new Map(users.map(({ id, role }) => [id, role]));
  }

  /** Of sessions and API tokens, those that are there. */
  async #credentials(ids: string[]): Promise<Set<string>> {
    const query = { where: { id: { in: [...new Set(ids)] } }, select: { id: true } };
    const [sessions, tokens] = [
      await this.#client.session.findMany(query),
      await this.#client.apiToken.findMany(query),
    ];
    return new Set([...sessions, ...tokens].map(({ id }) => id));
  }
}
