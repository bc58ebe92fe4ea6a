import type { Answer, TestServer } from './server.ts';

/** What a client keeps of a sign-in. */
export interface Credentials {
  accessToken: string;
  refreshToken: string;
  session: { id: string; current: boolean };
  user: { id: string; username: string; role: string };
}

/** The union of a mutation's payload and errors, as the documents here select it. */
export type Outcome = { __typename: string; message?: string; credentials?: Credentials; [field: string]: unknown };

const credentials = `credentials {
  accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt
  session { id current } user { id username role }
}`;
const problems = '... on Error { message } ... on InvalidInputError { problems { path code } }';

export const documents = {
  register: `mutation ($input: RegisterInput!) { outcome: register(input: $input) {
    __typename ${problems} ... on RegisterPayload { ${credentials} } } }`,
  login: `mutation ($input: LoginInput!) { outcome: login(input: $input) {
    __typename ... on Error { message } ... on LimitReachedError { limit retryAfterMs } ... on LoginPayload { ${credentials} } } }`,
  refresh: `mutation ($refreshToken: String) { outcome: refreshSession(refreshToken: $refreshToken) {
    __typename ... on Error { message } ... on RefreshSessionPayload { ${credentials} } } }`,
  changePassword: `mutation ($input: ChangePasswordInput!) { outcome: changePassword(input: $input) {
    __typename ${problems} ... on ChangePasswordPayload { ${credentials} } } }`,
  invite: `mutation ($input: InviteUserInput!) { outcome: inviteUser(input: $input) {
    __typename ${problems} ... on InviteUserPayload { code invitation { id role email invitedBy { username } } } } }`,
  revokeInvitation: `mutation ($id: ID!) { outcome: revokeInvitation(id: $id) {
    __typename ... on Error { message } ... on RevokeInvitationPayload { revokedId } } }`,
  revokeSession: `mutation ($id: ID!) { outcome: revokeSession(id: $id) {
    __typename ... on Error { message } ... on RevokeSessionPayload { revokedId session { id } } } }`,
  logout: 'mutation { outcome: logout { __typename ... on LogoutPayload { loggedOut } } }',
  updateUser: `mutation ($input: UpdateUserInput!) { outcome: updateUser(input: $input) {
    __typename ... on Error { message } ... on UpdateUserPayload { user { id role disabled } } } }`,
  createToken: `mutation ($input: CreateApiTokenInput!) { outcome: createApiToken(input: $input) {
    __typename ${problems} ... on CreateApiTokenPayload { secret apiToken { id name scopes sources { name } } } } }`,
  revokeToken: `mutation ($id: ID!) { outcome: revokeApiToken(id: $id) {
    __typename ... on Error { message } ... on RevokeApiTokenPayload { revokedId apiToken { name } } } }`,
};

export const password = 'correct horse battery';

/** Runs one of the documents, which answers with one outcome. */
export async function outcomeOf(
  server: TestServer,
  name: keyof typeof documents,
  variables: object = {},
  token: string | null = null,
): Promise<Outcome> {
  const answer: Answer<{ outcome: Outcome }> = await server.query(documents[name], variables, { token });
  if (!answer.data?.outcome) throw new Error(JSON.stringify(answer.errors));
  return answer.data.outcome;
}

/** The credentials in an outcome; throws when it is an error. */
export function credentialsIn({ credentials: found, ...outcome }: Outcome): Credentials {
  if (found === undefined) throw new Error(JSON.stringify(outcome));
  return found;
}

/** Registers somebody on a server whose registration is open. */
export const registered = async (server: TestServer, username: string): Promise<Credentials> =>
  credentialsIn(await outcomeOf(server, 'register', { input: { username, password } }));

export const loggedIn = async (server: TestServer, username: string): Promise<Credentials> =>
  credentialsIn(await outcomeOf(server, 'login', { input: { username, password } }));
