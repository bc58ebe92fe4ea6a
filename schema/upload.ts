import { ConflictError, InvalidInputError, LimitReachedError } from '../src/errors.ts';
import type { UploadTicket } from '../src/source/uploads.ts';
import { builder } from './builder.ts';
import { Source } from './source.ts';

interface Header {
  name: string;
  value: string;
}

const HttpHeader = builder.objectRef<Header>('HttpHeader').implement({
  description: 'A header of an HTTP request.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the header is called.' }),
    value: t.exposeString('value', { description: 'What it is to say.' }),
  }),
});

const CreateUploadInput = builder.inputType('CreateUploadInput', {
  description: 'What file is to be uploaded.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'What the source will be called, such as the name of the file: 1 to 100 characters, with one of `limits.uploadExtensions` at the end, and no other source of yours has it. One whose upload failed is replaced.',
    }),
    size: t.field({
      type: 'BigInt',
      required: true,
      description: 'Its size in bytes, exactly; at most `limits.maxUploadBytes`.',
    }),
    contentType: t.string({
      description: 'Content-Type that will be sent with it. Whatever it says: what the file is, its bytes tell.',
    }),
  }),
});

type Ticket = UploadTicket & { url: string; contentType: string };

const CreateUploadPayload = builder.objectRef<Ticket>('CreateUploadPayload').implement({
  description: 'Where to send the bytes.',
  fields: (t) => ({
    source: t.expose('source', { type: Source, description: 'The source, UPLOADING until the bytes are here.' }),
    uploadUrl: t.exposeString('url', {
      description:
        'Absolute. It needs no token, so keep it to yourself; it is good for one request. `curl -T FILE URL` does.',
    }),
    method: t.string({ description: 'Method of that request: `PUT`.', resolve: () => 'PUT' }),
    headers: t.field({
      type: [HttpHeader],
      description: 'Headers to send with it.',
      resolve: ({ contentType }) => [{ name: 'content-type', value: contentType }],
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'Until when that request can begin: for 15 minutes, and no longer than the credential it was asked for with.',
    }),
  }),
});

builder.mutationField('createUpload', (t) =>
  t.field({
    type: CreateUploadPayload,
    errors: {
      types: [InvalidInputError, ConflictError, LimitReachedError],
      union: { name: 'CreateUploadResult', description: 'Where to send the bytes, or why not.' },
    },
    description:
      'Announces a log file, and answers with a link to send its bytes to: raw, as they are, plain text or compressed with gzip. With the scope SOURCES_WRITE. It is yours, and nobody else sees it but administrators, until you share it. When all bytes are here it becomes ACTIVE, of which `sourcesChanged` tells; of one that is FAILED, `stateReason` says why.',
    args: { input: t.arg({ type: CreateUploadInput, required: true, description: 'Its name and its size.' }) },
    resolve: async (_root, { input: { name, size, contentType } }, { engine, principal, baseUrl }) => {
      const ticket = await engine.uploads.create(principal, { name, size });
      const url = `${baseUrl}/upload?token=${ticket.token}`;
      return { ...ticket, url, contentType: contentType ?? 'application/octet-stream' };
    },
  }),
);
