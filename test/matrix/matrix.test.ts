import type { GraphQLObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';
import { askers, rules } from './rules.ts';
import { Stage } from './target.ts';
import { transportsFor, verdictOf } from './verdict.ts';

// Each test asks some twenty times.
const timeout = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
}, timeout);
afterAll(() => stage.close());

test('every field of every operation has a rule that says who may ask for it', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fieldsOf = (type: GraphQLObjectType) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
  const fields = roots.flatMap((type) => (type ? fieldsOf(type) : []));
  expect([...new Set(rules.map(({ field }) => field))].sort()).toEqual(fields.sort());
});

describe.each(rules.map((rule) => [rule.document(placeholders()), rule] as const))('%s', (_title, rule) => {
  const { field, verdicts, document } = rule;

  test.each(transportsFor(field))('over %s is answered to whom it may be', { timeout }, async (transport) => {
    const found: { [asker: string]: string } = {};
    for (const asker of askers) {
      const token = await stage.credential(asker);
      const query = document(await stage.target());
      found[asker] = await verdictOf(stage.server, { field, query, token }, transport);
    }
    expect(found).toEqual(verdicts);
  });
});

function placeholders() {
  const ids = { ownerId: 'USER', sourceId: 'SOURCE', streamId: 'STREAM', ownLogId: 'OWN', cursor: 'CURSOR' };
  return { ...ids, analysisId: 'ANALYSIS', sessionId: 'SESSION', tokenId: 'TOKEN', invitationId: 'INVITATION' };
}
