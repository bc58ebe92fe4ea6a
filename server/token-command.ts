import { builtInAdministrator } from '../src/access/administrator.ts';
import { checkTokenName, createApiToken } from '../src/access/api-token.ts';
import { AuditLog } from '../src/access/audit.ts';
import { type ApiScope, apiScopes, isApiScope } from '../src/access/principal.ts';
import type { Config } from '../src/config.ts';
import { makeDataDir } from '../src/data-dir.ts';
import { openDatabase } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import { InvalidInputError, OperatorError } from '../src/errors.ts';

/**
 * Makes an API token that acts for the built-in administrator, whether or not the server runs.
 * @returns its secret, which cannot be had again
 * @throws {OperatorError} when the name or a scope cannot be used, or the database or audit log cannot be written
 */
export async function createToken(config: Config, name: string, scopes: string[]): Promise<string> {
  const granted = parse(name, scopes);
  makeDataDir(config.dataDir);
  await migrate(config.databaseUrl);
  const database = await openDatabase(config.databaseUrl);
  const audit = new AuditLog(config.dataDir);
  try {
    const owner = await builtInAdministrator(database.client);
    const { apiToken, secret } = await createApiToken(database.client, owner, { name, scopes: granted });
    // Before the secret is given out: a token that nobody knows the record of is one that nobody can use.
    audit.record({
      level: 'INFO',
      logger: 'tailql.access',
      message: 'API token created on the command line',
      action: 'token_create',
      metadata: { tokenId: apiToken.id, name, scopes: granted, userId: owner.id, username: owner.username },
    });
    return secret;
  } finally {
    audit.close();
    await database.close();
  }
}

function parse(name: string, scopes: string[]): ApiScope[] {
  try {
    checkTokenName(name);
  } catch (error) {
    if (error instanceof InvalidInputError) throw new OperatorError(error.message, 2);
    throw error;
  }
  const unknown = scopes.find((scope) => !isApiScope(scope));
  if (unknown !== undefined || scopes.length === 0) {
    const problem = unknown === undefined ? 'A token needs a scope' : `There is no scope ${JSON.stringify(unknown)}`;
    throw new OperatorError(`${problem}; the scopes are ${apiScopes.join(', ')}.`, 2);
  }
  return [...new Set(scopes.filter(isApiScope))];
}
