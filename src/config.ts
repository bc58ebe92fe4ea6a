import { resolve } from 'node:path';
import { isAbsolute, normalize } from 'node:path/posix';
import { z } from 'zod';
import { foldedUsername, isUsername } from './access/username.ts';
import { formatNames } from './format/registry.ts';
import { isTimezone } from './format/zone.ts';
import { limitsSchema } from './limits.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** What of a value must never be shown: all of it, or what a URL says of user and password. */
    secrecy?: 'whole' | 'credentials';
  }
}

const isOrigin = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** A relative path may not leave the directory it is relative to: then it says nothing about where it leads. */
const escapes = (path: string): boolean => !isAbsolute(path) && /^\.\.(\/|$)/.test(normalize(path));

const isPath = (text: string): boolean => text.trim() !== '' && !text.includes('\0');
const pathExpected = 'a path, not empty and without NUL characters';

const sourceSchema = z.strictObject({
  path: z
    .string()
    .refine(isPath, {
      error: pathExpected,
      abort: true,
    })
    .refine((path) => !escapes(path), 'an absolute path, or a relative one that does not lead out through ".."')
    .describe(
      'File, absolute or relative to the file that names it; *, ?, **, [..] and {..} stand for several. ' +
        'Rotated predecessors (access.log.1, access.log.2.gz, ...) belong to the file.',
    ),
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,100}$/u, 'a name of 1 to 100 characters without control characters')
    .optional()
    .describe('Name shown to people. Default: derived from the path.'),
  format: z.enum(formatNames).optional().describe('How the log is written. Default: told from its content.'),
  timezone: z
    .string()
    .refine(isTimezone, 'an IANA time zone such as Europe/Berlin')
    .optional()
    .describe("IANA zone of timestamps that do not name theirs. Default: the server's."),
  readers: z
    .strictObject({
      roles: z
        .array(z.enum(['ADMIN', 'MEMBER']))
        .default([])
        .describe('Everybody who has one of these roles.'),
      users: z
        .array(
          z
            .string()
            .refine((name) => isUsername(foldedUsername(name)), 'a username such as ada')
            .transform(foldedUsername),
        )
        .default([])
        .describe('People, by username, whether or not they have come yet.'),
    })
    .optional()
    .describe('Who may read it besides administrators. Default: nobody.'),
});

const jwksSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'a URL beginning with https:// or http://' })
    .describe('Where the provider publishes its keys, as a JSON Web Key Set.'),
  issuer: z.string().min(1).describe('Issuer (iss) that its tokens must name.'),
  audience: z.string().min(1).describe('Audience (aud) that its tokens must name, so that they are meant for us.'),
  nameClaim: z.string().min(1).default('preferred_username').describe('Claim that says what somebody is called.'),
  roleClaim: z
    .string()
    .min(1)
    .default('roles')
    .describe('Claim, such as realm_access.roles, with a role or a list of roles.'),
  adminRole: z.string().min(1).default('tailql-admin').describe('Role in it that makes an administrator here.'),
});

const s3Schema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'a URL beginning with https:// or http://' })
    .describe('Where the object store is; buckets are in the path.'),
  bucket: z.string().min(1).describe('Bucket, which must be there.'),
  region: z.string().min(1).default('us-east-1').describe('Region; many stores do not care.'),
  prefix: z
    .string()
    .regex(/^([A-Za-z0-9._-]+\/)*$/, 'directories, each with a slash after it')
    .default('tailql/')
    .describe('What the names of all objects begin with.'),
  accessKeyId: z.string().min(1).meta({ secrecy: 'whole' }).describe('Whom the store knows us as.'),
  secretAccessKey: z.string().min(1).meta({ secrecy: 'whole' }).describe('What proves it.'),
});

const llmSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'a URL beginning with https:// or http://' })
    .describe('Where an API like that of OpenAI is, such as https://api.example/v1; we ask its /chat/completions.'),
  model: z.string().min(1).describe('Name of the model.'),
  apiKey: z
    .string()
    .min(1)
    .optional()
    .meta({ secrecy: 'whole' })
    .describe('What lets us in. Default: nothing is sent.'),
  // Whoever waits for the report should not wait much longer for its first sentences.
  timeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(20_000)
    .describe('Time it has for a summary, in milliseconds; then the one made of the figures stands.'),
});

/** What a configuration file may say; the environment and the flags say the same. Every key may be left out. */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 or :: for all.'),
  port: z.int().min(0).max(65_535).default(4000).describe('TCP port to listen on; 0 for any free one.'),
  publicUrl: z
    .string()
    .refine(isOrigin, 'scheme, host and port alone, such as https://logs.example.com')
    .optional()
    .describe(
      'Scheme, host and port by which clients reach the server, for the links it makes; needed behind a proxy that speaks TLS. Default: as the request that asks for a link.',
    ),
  dataDir: z
    .string()
    .refine(isPath, pathExpected)
    .default('./data')
    .describe('Directory for everything the server keeps: database, uploads, streams, secret.'),
  databaseUrl: z
    .string()
    .regex(/^(file:[^?\0]|postgres(ql)?:\/\/.)/, 'a URL beginning with file:, postgresql:// or postgres://')
    .optional()
    .meta({ secrecy: 'credentials' })
    .describe(
      'Database: file:PATH (SQLite) or postgresql://USER:PASSWORD@HOST/NAME. Default: file:<dataDir>/tailql.db.',
    ),
  sources: z
    .array(sourceSchema)
    .superRefine((sources, context) => {
      const owners = new Map<string, number>();
      for (const [index, { name }] of sources.entries()) {
        if (name === undefined) continue;
        const owner = owners.get(name);
        if (owner === undefined) owners.set(name, index);
        else {
          const message = `a name of its own (sources[${owner}] has the same)`;
          context.addIssue({ code: 'custom', path: [index, 'name'], message });
        }
      }
    })
    .optional()
    .describe('Log files to offer. Absent: the well-known logs of this machine. Empty: none.'),
  auth: z
    .strictObject({
      // HMAC-SHA-256 keys shorter than the hash weaken it: RFC 7518, section 3.2.
      jwtSecret: z
        .string()
        .refine((secret) => Buffer.byteLength(secret) >= 32, 'a secret of at least 32 bytes')
        .optional()
        .meta({ secrecy: 'whole' })
        .describe('Key that signs access tokens, at least 32 bytes. Default: generated into the data directory.'),
      // Bounds how long a stolen token is of use.
      accessTokenSeconds: z
        .int()
        .min(1)
        .max(365 * 24 * 3600)
        .default(15 * 60)
        .describe('Time an access token is valid, in seconds.'),
      // Who comes back from a holiday is still signed in.
      refreshTokenSeconds: z
        .int()
        .min(1)
        .max(365 * 24 * 3600)
        .default(30 * 24 * 3600)
        .describe('Time after which a session that was not refreshed is over, in seconds.'),
      registration: z
        .enum(['OPEN', 'INVITATION', 'CLOSED'])
        .optional()
        .describe(
          'Who may register: whoever wants, whoever an administrator invited, or nobody. Default: INVITATION when listening on a loopback address, else CLOSED.',
        ),
      jwks: jwksSchema.optional().describe('Another identity provider, whose access tokens are accepted beside ours.'),
    })
    .prefault({})
    .describe('Signing in.'),
  auditKeyFile: z
    .string()
    .refine(isPath, pathExpected)
    .optional()
    .describe(
      'File with the Ed25519 key (PKCS #8, PEM) that signs the heads of audit streams. Default: audit.key in dataDir, made when it is not there.',
    ),
  storage: z
    .strictObject({
      s3: s3Schema.optional().describe('An object store that speaks S3. Absent: the data directory.'),
    })
    .prefault({})
    .describe('Where uploads are kept.'),
  actions: z
    .strictObject({
      retentionDays: z
        .int()
        .min(1)
        .max(36_500)
        .default(30)
        .describe(
          'Days for which actions are kept after they were recorded; before they are removed, they are archived.',
        ),
      redactedKeys: z
        .array(z.string().min(1))
        .default(['password', 'token', 'authorization', 'cookie', 'secret'])
        .describe(
          'Keys of metadata whose values are not kept: all that have one of these in them, in any case of letters.',
        ),
    })
    .prefault({})
    .describe('The action log.'),
  analysis: z
    .strictObject({
      llm: llmSchema
        .optional()
        .describe('A language model that writes the summaries. Absent: they are made of the figures alone.'),
    })
    .prefault({})
    .describe('Analyses of logs.'),
  logLevel: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('Least severe of the records that the server writes about itself.'),
  allowedOrigins: z
    .array(z.string().refine(isOrigin, 'an exact origin such as https://logs.example.com'))
    .default([])
    .describe("Origins of web pages that may use the API from a browser, besides the server's own."),
  limits: limitsSchema.prefault({}).describe('Limits that protect the server.'),
});

export type ConfigInput = z.input<typeof configSchema>;
export type SourceConfig = z.output<typeof sourceSchema>;

export type S3Config = z.output<typeof s3Schema>;

/** The configuration as the server uses it: complete, with absolute paths. */
export type Config = z.output<typeof configSchema> & { databaseUrl: string };

/** Keys whose relative paths depend on where they were written. */
export type PathKey = 'dataDir' | 'databaseUrl' | 'sources' | 'auditKeyFile';

/**
 * Makes paths absolute and fills in what follows from other keys.
 * @param baseOf the directory that relative paths under a key are relative to
 */
export function completeConfig(values: z.output<typeof configSchema>, baseOf: (key: PathKey) => string): Config {
  const dataDir = resolve(baseOf('dataDir'), values.dataDir);
  const databaseUrl = values.databaseUrl ?? `file:${resolve(dataDir, 'tailql.db')}`;
  return {
    ...values,
    dataDir,
    databaseUrl: databaseUrl.startsWith('file:')
      ? `file:${resolve(baseOf('databaseUrl'), databaseUrl.slice('file:'.length))}`
      : databaseUrl,
    ...(values.auditKeyFile && { auditKeyFile: resolve(baseOf('auditKeyFile'), values.auditKeyFile) }),
    sources: values.sources?.map((source) => ({ ...source, path: resolve(baseOf('sources'), source.path) })),
  };
}

/** The defaults with some values replaced; relative paths are below the working directory. Throws ZodError. */
export function defaultConfig(overrides: ConfigInput = {}): Config {
  return completeConfig(configSchema.parse(overrides), () => process.cwd());
}
