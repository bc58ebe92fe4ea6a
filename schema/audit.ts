import type { Head } from '../src/audit/head.ts';
import type { Verification } from '../src/source/audit-trail.ts';
import { builder } from './builder.ts';
import { Source } from './source.ts';

const AuditHead = builder.objectRef<Head>('AuditHead').implement({
  description:
    'The last record of an audit stream, signed by the server. Keep it elsewhere: with it, it shows later whether the end of the stream was cut off, or all of it written anew.',
  fields: (t) => ({
    sequence: t.expose('sequence', { type: 'BigInt', description: 'Number of the record, from 1.' }),
    hash: t.exposeString('hash', { description: 'SHA-256 of its line, hexadecimal; it depends on all before it.' }),
    signedAt: t.field({
      type: 'DateTime',
      description: 'When it was signed.',
      resolve: ({ signedAt }) => new Date(signedAt),
    }),
    signature: t.exposeString('signature', {
      description: 'Ed25519 signature of all of it and of the stream; base64.',
    }),
    publicKey: t.exposeString('publicKey', {
      description: 'Of the key that signed it: DER (SubjectPublicKeyInfo), base64. Compare it with one you trust.',
    }),
  }),
});

const AuditHeadInput = builder.inputType('AuditHeadInput', {
  description: 'A head that was kept elsewhere, as `auditHead` gave it.',
  fields: (t) => ({
    sequence: t.field({ type: 'BigInt', required: true, description: 'Number of its record.' }),
    hash: t.string({ required: true, description: 'SHA-256 of its line, hexadecimal.' }),
    signedAt: t.field({ type: 'DateTime', required: true, description: 'When it was signed.' }),
    signature: t.string({ required: true, description: 'Its signature, base64.' }),
    publicKey: t.string({ required: true, description: 'The key that signed it, base64.' }),
  }),
});

const AuditProblem = builder.objectRef<Verification['problems'][number]>('AuditProblem').implement({
  description: 'Something in an audit stream that is not what was written.',
  fields: (t) => ({
    sequence: t.expose('sequence', { type: 'BigInt', description: 'Number of the record from which on it is so.' }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      nullable: true,
      description: 'Where it was noticed; null where there is no record.',
    }),
    message: t.exposeString('message', { description: 'What is wrong, in a sentence.' }),
  }),
});

const AuditVerification = builder.objectRef<Verification>('AuditVerification').implement({
  description: 'Whether an audit stream is what was written to it.',
  fields: (t) => ({
    intact: t.exposeBoolean('intact', { description: 'Whether nothing was found wrong, as far as was looked.' }),
    complete: t.exposeBoolean('complete', {
      description: 'Whether all of it was looked at: a call takes some seconds at most, then go on from `cursor`.',
    }),
    cursor: t.expose('cursor', { type: 'Cursor', nullable: true, description: 'Up to where it was looked at.' }),
    records: t.expose('records', { type: 'BigInt', description: 'How many records were looked at.' }),
    problems: t.field({
      type: [AuditProblem],
      description: 'What is wrong, in the order of the stream; at most 100.',
      resolve: ({ problems }) => problems,
    }),
  }),
});

builder.objectFields(Source, (t) => ({
  auditHead: t.field({
    type: AuditHead,
    nullable: true,
    description: 'The last record of an audit stream, signed now; null for other sources, and while it is empty.',
    resolve: async (source, _args, { engine, principal }) => {
      await engine.sources.logOf(principal, source);
      return engine.trail.head(source);
    },
  }),
  auditVerification: t.field({
    type: AuditVerification,
    nullable: true,
    description:
      'Reads an audit stream and says where it was altered: changed, removed, inserted or moved records. With a head that was kept elsewhere it shows, too, when the end was cut off or all of it is another copy. Null for other sources.',
    args: {
      head: t.arg({ type: AuditHeadInput, description: 'A head that was kept elsewhere.' }),
      after: t.arg({ type: 'Cursor', description: 'Begin after this place, where another call ended.' }),
    },
    resolve: async (source, { head, after }, { engine, principal }) => {
      await engine.sources.logOf(principal, source);
      const kept = head ? { ...head, sequence: Number(head.sequence), signedAt: head.signedAt.toISOString() } : null;
      return engine.trail.verify(principal, source, { logs: engine.logs, head: kept, after: after ?? null });
    },
  }),
}));
