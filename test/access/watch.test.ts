import { describe, expect, it } from 'vitest';
import type { SignedIn } from '../../src/access/principal.ts';
import { scopesOfRole } from '../../src/access/principal.ts';
import { CredentialWatch } from '../../src/access/watch.ts';
import { databaseUrls } from '../support/databases.ts';
import { migrated, sessionOf } from './database.ts';

describe.each(databaseUrls())('a watch over credentials on %s', (_, freshUrl) => {
  async function setUp() {
    const { client } = await migrated(await freshUrl());
    const watch = new CredentialWatch(client, { failed: ({ error }) => expect.fail(String(error)) });
    const { id: userId } = await client.user.create({ data: { username: 'ada' } });
    const ended: string[] = [];
    /** Watches a new session of the user, under this name. */
    const add = async (name: string) => {
      const { sessionId: credentialId } = await sessionOf(client, userId);
      const principal: SignedIn = {
        kind: 'user',
        userId,
        username: 'ada',
        role: 'MEMBER',
        scopes: scopesOfRole('MEMBER'),
        credential: 'session',
        credentialId,
        expiresAt: null,
      };
      return { credentialId, remove: watch.add(principal, () => ended.push(name)) };
    };
    return { client, watch, userId, ended, add };
  }

  it('tells at once, and once, that a session or a user came to nothing', async () => {
    const { watch, userId, ended, add } = await setUp();
    const [first] = [await add('first'), await add('second')];
    const gone = await add('gone');
    gone.remove();
    watch.end(first.credentialId);
    expect(ended).toEqual(['first']);
    watch.end(first.credentialId);
    watch.end('another');
    expect(ended).toEqual(['first']);
    watch.end(userId);
    expect(ended).toEqual(['first', 'second']);
    watch.close();
  });

  it('finds what others ended: a session, the role of a user, the user', async () => {
    const { client, watch, userId, ended, add } = await setUp();
    const [first] = [await add('first'), await add('second')];
    await watch.look();
    expect(ended).toEqual([]);
    await client.session.delete({ where: { id: first.credentialId } });
    await watch.look();
    expect(ended).toEqual(['first']);
    await client.user.update({ where: { id: userId }, data: { role: 'ADMIN' } });
    await watch.look();
    expect(ended).toEqual(['first', 'second']);
    await add('third');
    await client.user.update({ where: { id: userId }, data: { role: 'MEMBER', disabled: true } });
    await watch.look();
    expect(ended).toEqual(['first', 'second', 'third']);
    watch.close();
  });
});
