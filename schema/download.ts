import { builder } from './builder.ts';
import { filterInput, LogFilter } from './filter.ts';
import { Source } from './source.ts';

export const DownloadLink = builder.objectRef<{ url: string; expiresAt: Date }>('DownloadLink').implement({
  description:
    'A link that needs no token: whoever has it may open it in the name of the person who asked, so keep it to yourself.',
  fields: (t) => ({
    url: t.exposeString('url', {
      description:
        'Absolute, for GET: for a browser, which saves a file named after the source, or for `curl -OJ --compressed`. It begins with `publicUrl` of the configuration, else with the address by which this request came.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'Until when it can be opened: for 5 minutes, and no longer than the credential it was asked for with.',
    }),
  }),
});

builder.objectField(Source, 'download', (t) =>
  t.field({
    type: DownloadLink,
    nullable: true,
    description:
      'A signed, short-lived link to its text, of any size, oldest first, up to where the log ends when the link is opened. Without a filter: the bytes of its files as they are, compressed ones unpacked. With a filter: the entries that fulfil it, each as in `LogEntry.raw` and with a newline after it, in UTF-8; of a record longer than `limits.maxRecordBytes` its beginning. What `segments` has a `problem` for is left out. Who may read is asked again when it is opened; at most `limits.maxDownloadsPerUser` may be under way. A transfer that ends incomplete was cut: by the client, or because the log was deleted or overwritten meanwhile. A filter that takes more than 4096 bytes of the link is INVALID_INPUT.',
    args: { filter: t.arg({ type: LogFilter, description: 'Only entries that fulfil this.' }) },
    resolve: async (source, { filter }, { engine, principal, baseUrl }) => {
      const { token, expiresAt } = await engine.downloads.link(principal, source, filter ? filterInput(filter) : null);
      return { url: `${baseUrl}/download?token=${token}`, expiresAt };
    },
  }),
);
