import { type InputProblem, InvalidInputError } from '../errors.ts';
import type { FormatName } from '../format/registry.ts';
import { isTimezone } from '../format/zone.ts';
import { sourceNameProblem } from './new-source.ts';
import type { Sharing } from './sharing.ts';
import type { Source } from './source.ts';

/** What is to be changed of a source; what is left out stays. */
export interface SourceUpdate {
  name?: string;
  /** Null: told from the content. */
  format?: FormatName | null;
  /** IANA name; null: the server's. */
  timezone?: string | null;
  sharedWith?: Sharing;
  retention?: Retention;
}

/** How long, and how much of a stream is kept; null: no limit. */
export interface Retention {
  maxAgeDays: number | null;
  maxBytes: bigint | null;
}

/** A hundred years. */
const mostDays = 36_500;

/** Segments are removed whole, and are not smaller; no disk is larger. */
const [leastBytes, mostBytes] = [2n ** 20n, 2n ** 60n];

/** @throws {InvalidInputError} when a source cannot be changed to that */
export function checkUpdate({ kind }: Pick<Source, 'kind'>, update: SourceUpdate): void {
  const problems: (InputProblem | null)[] = [
    update.name === undefined ? null : sourceNameProblem(update.name),
    update.retention === undefined ? null : kind === 'STREAM' ? retentionProblem(update.retention) : noStream,
  ];
  if (update.format !== undefined && kind === 'STREAM') {
    const message = 'How a stream is written is decided when it is made; make another one for another format.';
    problems.push({ path: ['format'], message, code: 'UNSUPPORTED' });
  }
  if (typeof update.timezone === 'string' && !isTimezone(update.timezone)) {
    const message = `"${update.timezone}" is no time zone; give an IANA name such as Europe/Berlin.`;
    problems.push({ path: ['timezone'], message, code: 'UNKNOWN' });
  }
  const found = problems.filter((problem) => problem !== null);
  if (found.length > 0) throw new InvalidInputError(found);
}

/** What is wrong with how long a stream is to be kept; null: nothing. */
export function retentionProblem({ maxAgeDays, maxBytes }: Retention): InputProblem | null {
  if (maxAgeDays !== null && (maxAgeDays < 1 || maxAgeDays > mostDays)) {
    const message = `"maxAgeDays" must be from 1 to ${mostDays}, or left out for no limit.`;
    return { path: ['retention', 'maxAgeDays'], message, code: 'OUT_OF_RANGE' };
  }
  if (maxBytes !== null && (maxBytes < leastBytes || maxBytes > mostBytes)) {
    const message = `"maxBytes" must be from ${leastBytes} to ${mostBytes}, or left out for no limit.`;
    return { path: ['retention', 'maxBytes'], message, code: 'OUT_OF_RANGE' };
  }
  return null;
}

const noStream: InputProblem = {
  path: ['retention'],
  message: 'Only of a stream a part is removed; an upload is kept until it is deleted.',
  code: 'UNSUPPORTED',
};
