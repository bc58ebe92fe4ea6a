import type { Engine } from '../src/engine.ts';
import type { Limits } from '../src/limits.ts';
import { builder } from './builder.ts';

const RegistrationMode = builder.enumType('RegistrationMode', {
  description: 'How people come in.',
  values: {
    OPEN: { description: 'Whoever wants may register.' },
    INVITATION: { description: 'Whoever was invited may register. The default on a loopback address.' },
    CLOSED: { description: 'Nobody may register. The default where others than the machine itself reach the server.' },
  },
});

const ServerInfo = builder.objectRef<Engine>('ServerInfo').implement({
  description: 'What there is to know of the server before signing in.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Version of Tailql, as MAJOR.MINOR.PATCH.' }),
    registration: t.field({
      type: RegistrationMode,
      description: 'How people come in.',
      resolve: ({ access }) => access.registration.mode,
    }),
  }),
});

const LimitsType = builder.objectRef<Limits>('Limits').implement({
  description: 'What the server refuses beyond, so that a client need not find out by trial.',
  fields: (t) => ({
    maxPageSize: t.exposeInt('maxPageSize', { description: 'Largest `first` or `last` of a connection.' }),
    maxRecordBytes: t.expose('maxRecordBytes', {
      type: 'BigInt',
      description: 'Longest record in bytes; of a longer one its beginning is kept, and `LogEntry.truncated` is true.',
    }),
    maxBatchWrite: t.exposeInt('maxBatchWrite', {
      description: 'Most entries or actions that one mutation may write.',
    }),
    maxUploadBytes: t.expose('maxUploadBytes', { type: 'BigInt', description: 'Largest upload, in bytes.' }),
    uploadExtensions: t.exposeStringList('uploadExtensions', {
      description: 'Extensions of files that may be uploaded.',
    }),
    maxSubscriptionsPerConnection: t.exposeInt('maxSubscriptionsPerConnection', {
      description: 'Most subscriptions at a time on one WebSocket.',
    }),
    maxSubscriptionsPerUser: t.exposeInt('maxSubscriptionsPerUser', {
      description: 'Most subscriptions that one user may have at a time.',
    }),
    maxConnectionsPerUser: t.exposeInt('maxConnectionsPerUser', {
      description: 'Most WebSockets that one user may have open at a time.',
    }),
    maxConnectionsPerAddress: t.exposeInt('maxConnectionsPerAddress', {
      description: 'Most WebSockets that one network address may have open at a time.',
    }),
    maxDownloadsPerUser: t.exposeInt('maxDownloadsPerUser', {
      description: 'Most downloads that one user may have under way at a time.',
    }),
    maxMessageBytes: t.expose('maxMessageBytes', {
      type: 'BigInt',
      description:
        'Largest WebSocket message that a client may send, in bytes; a larger one closes the socket with 1009.',
    }),
    connectionInitTimeoutMs: t.exposeInt('connectionInitTimeoutMs', {
      description: 'Time for a client to send connection_init, in milliseconds; then the socket is closed with 4408.',
    }),
    pingIntervalMs: t.exposeInt('pingIntervalMs', {
      description: 'Time between two pings of the server, in milliseconds; a client that answers none is disconnected.',
    }),
  }),
});

builder.queryFields((t) => ({
  server: t.field({
    type: ServerInfo,
    description: 'This server. No token needed.',
    resolve: (_root, _args, { engine }) => engine,
  }),
  limits: t.field({
    type: LimitsType,
    description: 'The limits in force. No token needed.',
    resolve: (_root, _args, { engine }) => engine.config.limits,
  }),
}));
