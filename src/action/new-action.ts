import type { JsonValue } from '../entry.ts';
import type { InputProblem } from '../errors.ts';
import type { ActionStatus, NewAction } from './action.ts';
import { redact } from './redaction.ts';

/** What is accepted of an action. */
export interface ActionRules {
  /** Characters of an error that are kept. */
  maxErrorLength: number;
  /** Characters that metadata may have as JSON. */
  maxMetadataLength: number;
  /** In lower case. */
  redactedKeys: readonly string[];
}

/** Names are in an index, and in every list of statistics. */
const longestName = 200;

/** Ten years, in ms. A sum of a hundred million such durations is still exact. */
const longestDurationMs = 10 * 365 * 86_400_000;

/** How far (ms) the clock of a service may be ahead of ours. */
const futureMs = 86_400_000;

/** Also what an archive says of an action, and is given anew when it is recorded. */
const fields = new Set([
  ...['timestamp', 'service', 'action', 'status', 'durationMs', 'error', 'metadata'],
  ...['id', 'recordedAt'],
]);

/** What says nothing, ends a text for a database, or is half a character. */
const unstorable = /[\0\p{Cs}]/gu;

/**
 * An action out of what a service sent, of whatever type. Problems are added to `problems`, with `path` before theirs;
 * then the result is null.
 *
 * @param now ms since 1970, UTC
 */
export function parseAction(
  input: unknown,
  { rules, now, path, problems }: { rules: ActionRules; now: number; path: string[]; problems: InputProblem[] },
): NewAction | null {
  const before = problems.length;
  const problem = (name: string, code: string, message: string) => {
    problems.push({ path: [...path, name], message, code });
  };
  if (!isObject(input)) {
    problems.push({
      path,
      message: 'Send each action as an object with service, action and so on.',
      code: 'NO_OBJECT',
    });
    return null;
  }
  for (const name in input) {
    if (!fields.has(name)) problem(name, 'UNKNOWN', `An action has no "${name.slice(0, 50)}"; put it into metadata.`);
  }
  const action: NewAction = {
    timestamp: timestampOf(input.timestamp, now, problem),
    service: nameOf('service', input.service, problem),
    action: nameOf('action', input.action, problem),
    status: statusOf(input.status, problem),
    durationUs: durationOf(input.durationMs, problem),
    error: errorOf(input.error, rules, problem),
    metadata: metadataOf(input.metadata, rules, problem),
  };
  return problems.length === before ? action : null;
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Tell = (name: string, code: string, message: string) => void;

function timestampOf(value: unknown, now: number, tell: Tell): number | null {
  if (value === undefined || value === null) return null;
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? timeIn(value) : Number.NaN;
  if (Number.isNaN(time))
    tell('timestamp', 'MALFORMED', 'Give "timestamp" as RFC 3339, such as "2026-11-21T10:50:54.123Z".');
  else if (time < 0 || time > now + futureMs) {
    tell(
      'timestamp',
      'OUT_OF_RANGE',
      '"timestamp" must be after 1970 and at most a day ahead of the server; correct the clock.',
    );
  }
  return time;
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const timeIn = (text: string): number => (rfc3339.test(text) ? Date.parse(text) : Number.NaN);

function nameOf(name: 'service' | 'action', value: unknown, tell: Tell): string {
  if (typeof value === 'string' && value.length <= longestName && /^[^\p{Cc}\p{Cs}]+$/u.test(value)) return value;
  tell(name, 'INVALID_NAME', `"${name}" must be 1 to ${longestName} characters without control characters.`);
  return '';
}

function statusOf(value: unknown, tell: Tell): ActionStatus {
  if (value === 'SUCCESS' || value === 'FAILED') return value;
  tell('status', 'UNKNOWN_STATUS', '"status" must be SUCCESS or FAILED.');
  return 'FAILED';
}

function durationOf(value: unknown, tell: Tell): number {
  if (typeof value === 'number' && value >= 0 && value <= longestDurationMs) return Math.round(value * 1000);
  tell('durationMs', 'OUT_OF_RANGE', '"durationMs" must be a number of milliseconds from 0 to ten years.');
  return 0;
}

/** Of a long one the beginning: that is where it says what happened. */
function errorOf(value: unknown, { maxErrorLength }: ActionRules, tell: Tell): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value.slice(0, maxErrorLength).replace(unstorable, '\ufffd');
  tell('error', 'NO_TEXT', '"error" must be a text, or left out.');
  return null;
}

function metadataOf(value: unknown, rules: ActionRules, tell: Tell): string | null {
  if (value === undefined || value === null) return null;
  // It came as JSON, over either way in.
  const clean = redact(value as JsonValue, rules.redactedKeys);
  if (clean === undefined) {
    tell('metadata', 'TOO_DEEP', '"metadata" is nested too deeply; send a flat object.');
    return null;
  }
  const text = JSON.stringify(clean);
  if (text.length <= rules.maxMetadataLength) return text;
  tell(
    'metadata',
    'TOO_LONG',
    `"metadata" has ${text.length} characters as JSON, at most ${rules.maxMetadataLength} are kept; send less.`,
  );
  return null;
}
