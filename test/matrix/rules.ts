import type { Target } from './target.ts';

/** What comes of asking: the rule was passed, or how it was not. `missing`: null, or NotFoundError. */
export type Verdict = 'allowed' | 'unauthenticated' | 'forbidden' | 'refused' | 'missing';

/** Who asks. `weak` is an API token of an administrator that has no scope which the field needs. */
export const askers = ['anonymous', 'owner', 'member', 'admin', 'weak'] as const;
export type Asker = (typeof askers)[number];

/** One field of an operation, how to ask for it, and what each gets: the owner of the target is a member. */
export interface Rule {
  field: string;
  verdicts: Record<Asker, Verdict>;
  document(target: Target): string;
}

const verdicts = (anonymous: Verdict, owner: Verdict, member: Verdict, admin: Verdict, weak: Verdict) => ({
  ...{ anonymous, owner, member, admin, weak },
});

const anybody = verdicts('allowed', 'allowed', 'allowed', 'allowed', 'allowed');
const signedIn = verdicts('unauthenticated', 'allowed', 'allowed', 'allowed', 'allowed');
/** Of logs as such. */
const reading = verdicts('unauthenticated', 'allowed', 'allowed', 'allowed', 'forbidden');
/** Of one log. */
const readers = verdicts('unauthenticated', 'allowed', 'missing', 'allowed', 'forbidden');
/** Of what not even an administrator sees of others. */
const ownerOnly = verdicts('unauthenticated', 'allowed', 'missing', 'missing', 'forbidden');
/** One's own, whatever there is of it. */
const people = verdicts('unauthenticated', 'allowed', 'allowed', 'allowed', 'forbidden');
const administrators = verdicts('unauthenticated', 'forbidden', 'forbidden', 'allowed', 'forbidden');
/** The same, where being no administrator is an answer of the mutation. */
const administratorsOrRefused = verdicts('unauthenticated', 'refused', 'refused', 'allowed', 'forbidden');
const sessions = verdicts('unauthenticated', 'allowed', 'allowed', 'allowed', 'forbidden');

/** Every field of the schema has a rule; one that is new needs one here. */
export const rules: Rule[] = [
  {
    field: 'Query.node',
    verdicts: readers,
    document: ({ sourceId }) => `{ node(id: "${sourceId}") { id } }`,
  },
  {
    field: 'Query.node',
    verdicts: { ...ownerOnly, weak: 'missing' },
    document: ({ sessionId }) => `{ node(id: "${sessionId}") { id } }`,
  },
  {
    field: 'Query.node',
    verdicts: { ...ownerOnly, weak: 'missing' },
    document: ({ tokenId }) => `{ node(id: "${tokenId}") { id } }`,
  },
  {
    field: 'Query.node',
    verdicts: verdicts('unauthenticated', 'missing', 'missing', 'allowed', 'missing'),
    document: ({ invitationId }) => `{ node(id: "${invitationId}") { id } }`,
  },
  {
    field: 'Query.node',
    verdicts: { ...readers, weak: 'missing' },
    document: ({ ownerId }) => `{ node(id: "${ownerId}") { id } }`,
  },
  {
    field: 'Query.nodes',
    verdicts: signedIn,
    document: ({ ownerId }) => `{ nodes(ids: ["${ownerId}"]) { id } }`,
  },
  { field: 'Query.me', verdicts: signedIn, document: () => '{ me { username } }' },
  { field: 'Query.server', verdicts: anybody, document: () => '{ server { version } }' },
  { field: 'Query.limits', verdicts: anybody, document: () => '{ limits { maxPageSize } }' },
  { field: 'Query.users', verdicts: administrators, document: () => '{ users { nodes { username } } }' },
  { field: 'Query.users', verdicts: administrators, document: () => '{ users { totalCount } }' },
  { field: 'Query.invitations', verdicts: administrators, document: () => '{ invitations { id } }' },
  { field: 'Query.sessions', verdicts: people, document: () => '{ sessions { id } }' },
  { field: 'Query.apiTokens', verdicts: people, document: () => '{ apiTokens { id } }' },
  { field: 'Query.sources', verdicts: reading, document: () => '{ sources { nodes { name } } }' },
  { field: 'Query.sources', verdicts: reading, document: () => '{ sources { totalCount } }' },
  {
    field: 'Query.source',
    verdicts: readers,
    document: ({ sourceId }) => `{ source(by: { id: "${sourceId}" }) { segments { name } } }`,
  },
  {
    field: 'Query.logEntry',
    verdicts: readers,
    document: ({ cursor }) => `{ logEntry(cursor: "${cursor}") { raw } }`,
  },
  {
    field: 'Query.logHistogram',
    verdicts: readers,
    document: ({ sourceId }) => `{ logHistogram(sources: ["${sourceId}"]) { complete } }`,
  },
  {
    field: 'Query.logs',
    verdicts: readers,
    document: ({ sourceId }) => `{ logs(sources: ["${sourceId}"]) { nodes { raw } } }`,
  },
  {
    field: 'Query.checkLogFilter',
    verdicts: reading,
    document: () => '{ checkLogFilter(filter: { query: "a" }) { normalized } }',
  },
  {
    field: 'Query.node',
    verdicts: readers,
    document: ({ analysisId }) => `{ node(id: "${analysisId}") { id } }`,
  },
  {
    field: 'Query.analysis',
    verdicts: readers,
    document: ({ analysisId }) => `{ analysis(id: "${analysisId}") { status } }`,
  },
  {
    field: 'Mutation.startAnalysis',
    verdicts: readers,
    document: ({ sourceId }) => `mutation { startAnalysis(input: { source: "${sourceId}" }) { __typename } }`,
  },
  {
    field: 'Mutation.cancelAnalysis',
    verdicts: readers,
    document: ({ analysisId }) => `mutation { cancelAnalysis(id: "${analysisId}") { __typename } }`,
  },
  {
    field: 'Mutation.deleteAnalysis',
    verdicts: readers,
    document: ({ analysisId }) => `mutation { deleteAnalysis(id: "${analysisId}") { __typename } }`,
  },
  {
    field: 'Subscription.analysisProgressed',
    verdicts: readers,
    document: ({ analysisId }) => `subscription { analysisProgressed(id: "${analysisId}") { __typename } }`,
  },
  { field: 'Query.actions', verdicts: reading, document: () => '{ actions { nodes { action } } }' },
  { field: 'Query.actionStats', verdicts: reading, document: () => '{ actionStats { total } }' },
  { field: 'Query.actionArchives', verdicts: reading, document: () => '{ actionArchives { nodes { id } } }' },
  {
    field: 'Mutation.recordActions',
    verdicts: people,
    document: () => 'mutation { recordActions(input: { actions: [] }) { __typename } }',
  },
  {
    field: 'Mutation.clearActions',
    verdicts: administratorsOrRefused,
    document: () => 'mutation { clearActions(input: { before: "2000-01-01T00:00:00Z" }) { __typename } }',
  },
  {
    field: 'Mutation.archiveActions',
    verdicts: administratorsOrRefused,
    document: () => 'mutation { archiveActions(before: "2000-01-01T00:00:00Z") { __typename } }',
  },
  {
    field: 'Mutation.deleteActionArchive',
    verdicts: { ...administratorsOrRefused, admin: 'missing' },
    document: () => 'mutation { deleteActionArchive(id: "none") { __typename } }',
  },
  {
    field: 'Mutation.register',
    verdicts: anybody,
    document: () => 'mutation { register(input: { username: "", password: "" }) { __typename } }',
  },
  {
    field: 'Mutation.login',
    verdicts: anybody,
    document: () => 'mutation { login(input: { username: "", password: "" }) { __typename } }',
  },
  {
    field: 'Mutation.refreshSession',
    verdicts: anybody,
    document: () => 'mutation { refreshSession(refreshToken: "") { __typename } }',
  },
  { field: 'Mutation.logout', verdicts: sessions, document: () => 'mutation { logout { __typename } }' },
  {
    field: 'Mutation.changePassword',
    verdicts: sessions,
    document: () => 'mutation { changePassword(input: { currentPassword: "", newPassword: "" }) { __typename } }',
  },
  {
    field: 'Mutation.revokeSession',
    verdicts: ownerOnly,
    document: ({ sessionId }) => `mutation { revokeSession(id: "${sessionId}") { __typename } }`,
  },
  {
    field: 'Mutation.inviteUser',
    verdicts: administratorsOrRefused,
    document: () => 'mutation { inviteUser(input: { email: "" }) { __typename } }',
  },
  {
    field: 'Mutation.revokeInvitation',
    verdicts: administrators,
    document: ({ invitationId }) => `mutation { revokeInvitation(id: "${invitationId}") { __typename } }`,
  },
  {
    field: 'Mutation.updateUser',
    verdicts: administratorsOrRefused,
    document: ({ ownerId }) => `mutation { updateUser(input: { id: "${ownerId}", disabled: false }) { __typename } }`,
  },
  {
    field: 'Mutation.createApiToken',
    verdicts: people,
    document: () => 'mutation { createApiToken(input: { name: "", scopes: [] }) { __typename } }',
  },
  {
    field: 'Mutation.revokeApiToken',
    verdicts: ownerOnly,
    document: ({ tokenId }) => `mutation { revokeApiToken(id: "${tokenId}") { __typename } }`,
  },
  {
    field: 'Mutation.createUpload',
    verdicts: people,
    document: () => 'mutation { createUpload(input: { name: "", size: 1 }) { __typename } }',
  },
  {
    field: 'Mutation.createStream',
    verdicts: people,
    document: () => 'mutation { createStream(input: { name: "" }) { __typename } }',
  },
  {
    field: 'Mutation.clearSource',
    verdicts: readers,
    document: ({ streamId }) => `mutation { clearSource(id: "${streamId}") { __typename } }`,
  },
  {
    field: 'Mutation.writeLogs',
    verdicts: readers,
    document: ({ streamId }) => `mutation { writeLogs(input: { source: "${streamId}", entries: [] }) { __typename } }`,
  },
  {
    field: 'Mutation.recordAuditEvent',
    verdicts: readers,
    document: ({ streamId }) =>
      `mutation { recordAuditEvent(input: { source: "${streamId}", action: "a" }) { __typename } }`,
  },
  {
    field: 'Mutation.updateSource',
    verdicts: readers,
    document: ({ streamId }) =>
      `mutation { updateSource(input: { id: "${streamId}", timezone: null }) { __typename } }`,
  },
  {
    field: 'Mutation.updateSource',
    verdicts: verdicts('unauthenticated', 'missing', 'missing', 'refused', 'forbidden'),
    document: ({ ownLogId }) => `mutation { updateSource(input: { id: "${ownLogId}", name: "mine" }) { __typename } }`,
  },
  {
    field: 'Mutation.deleteSource',
    verdicts: readers,
    document: ({ streamId }) => `mutation { deleteSource(id: "${streamId}") { __typename } }`,
  },
  {
    field: 'Subscription.logTail',
    verdicts: readers,
    document: ({ sourceId }) => `subscription { logTail(sources: ["${sourceId}"]) { __typename } }`,
  },
  {
    field: 'Subscription.actionRecorded',
    verdicts: reading,
    document: () => 'subscription { actionRecorded { __typename } }',
  },
  {
    field: 'Subscription.actionStatsChanged',
    verdicts: reading,
    document: () => 'subscription { actionStatsChanged { __typename } }',
  },
  {
    field: 'Subscription.sourcesChanged',
    verdicts: reading,
    document: () => 'subscription { sourcesChanged { __typename } }',
  },
];
