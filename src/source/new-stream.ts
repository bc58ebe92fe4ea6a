import type { StreamFormat } from '../append/record.ts';
import { streamFormats } from '../append/record.ts';
import { insert, type Work } from '../db/sql.ts';
import { type InputProblem, NotFoundError } from '../errors.ts';
import type { FormatName } from '../format/registry.ts';
import type { Limits } from '../limits.ts';
import { putSource } from './new-source.ts';
import type { Source } from './source.ts';
import { type Retention, retentionProblem } from './update.ts';

export interface NewStream {
  name: string;
  format: FormatName;
  retention: Retention;
}

/** What is wrong with a stream that somebody wants to make, but for its name; null: nothing. */
export const streamProblem = ({ format, retention }: NewStream): InputProblem | null =>
  isStreamFormat(format) ? retentionProblem(retention) : wrongFormat;

/** Part of a transaction: as `putSource`. */
export function* putStream(
  source: Source & { ownerId: string },
  { maxAgeDays, maxBytes }: Retention,
  { maxSourcesPerUser }: Limits,
): Work<void> {
  yield* putSource(source, maxSourcesPerUser);
  yield* insert({
    table: 'Stream',
    columns: [
      { name: 'sourceId', type: 'TEXT' },
      { name: 'maxAgeDays', type: 'INTEGER' },
      { name: 'maxBytes', type: 'BIGINT' },
    ],
    rows: [[source.id, maxAgeDays, maxBytes === null ? null : Number(maxBytes)]],
    key: null,
  });
}

export const isStreamFormat = (format: string | null): format is StreamFormat =>
  streamFormats.some((one) => one === format);

const wrongFormat: InputProblem = {
  path: ['format'],
  message: 'A stream is a SYSTEM_LOG, for developers, or an AUDIT_LOG, for whoever has to account for what was done.',
  code: 'UNSUPPORTED',
};

export const otherFormat = (format: StreamFormat): InputProblem => ({
  path: ['source'],
  message:
    format === 'SYSTEM_LOG'
      ? 'This stream takes audit records; write them with Mutation.recordAuditEvent.'
      : 'This stream takes system records; write them with Mutation.writeLogs.',
  code: 'UNSUPPORTED',
});

export const noSuchStream = () =>
  new NotFoundError('There is no such stream, or it is not yours to write to; make one with Mutation.createStream.');
