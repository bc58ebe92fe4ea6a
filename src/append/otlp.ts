import type { JsonObject, JsonValue, Level } from '../entry.ts';
import { isReserved } from './record.ts';

/** A value of JSON, or of protobuf, where bytes are such: nobody knows of what type. */
type Sent = unknown;
type SentObject = { readonly [name: string]: Sent };

/**
 * What an exporter sends, as in its JSON; of its protobuf the same, with bytes for the ids. Whole numbers of 64 bits are text.
 * What is not as the definition has it counts as if it were not there.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
export interface ExportRequest {
  resourceLogs: readonly SentObject[];
}

/** Null for what is no such request. */
export function parseExport(sent: unknown): ExportRequest | null {
  if (!isObject(sent)) return null;
  const { resourceLogs = [] } = sent;
  return Array.isArray(resourceLogs) ? { resourceLogs: resourceLogs.filter(isObject) } : null;
}

const isObject = (value: unknown): value is SentObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const objectIn = (value: Sent): SentObject => (isObject(value) ? value : {});
const listIn = (value: Sent): SentObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textIn = (value: Sent): string => (typeof value === 'string' ? value : '');
const numberIn = (value: Sent): number => (typeof value === 'number' ? value : 0);

/** Records of one service, as `recordLine` takes them for a stream of system records. */
export interface ServiceRecords {
  /** `service.name`; null: it has none. */
  service: string | null;
  records: JsonObject[];
}

/** By what an attribute of the semantic conventions is called in a record. */
const places: Record<string, 'module' | 'function' | 'line'> = {
  'code.file.path': 'module',
  'code.filepath': 'module',
  'code.function.name': 'function',
  'code.function': 'function',
  'code.line.number': 'line',
  'code.lineno': 'line',
};

/** The records in what an exporter sent, for each of its resources. */
export function serviceRecords({ resourceLogs }: ExportRequest): ServiceRecords[] {
  return resourceLogs.map(({ resource, scopeLogs }) => {
    const about = attributesOf(objectIn(resource).attributes);
    const service = typeof about['service.name'] === 'string' ? about['service.name'] : null;
    const records = listIn(scopeLogs).flatMap(({ scope, logRecords }) => {
      const surroundings = { about, scope: objectIn(scope), service };
      return listIn(logRecords).map((record) => recordOf(record, surroundings));
    });
    return { service, records };
  });
}

function recordOf(
  record: SentObject,
  { about, scope, service }: { about: JsonObject; scope: SentObject; service: string | null },
): JsonObject {
  const found: JsonObject = {};
  const [traceId, spanId] = [idOf(record.traceId), idOf(record.spanId)];
  const [severity, event] = [textIn(record.severityText), textIn(record.eventName)];
  if (traceId !== '') found.traceId = traceId;
  if (spanId !== '') found.spanId = spanId;
  if (severity !== '') found.severity = severity;
  if (event !== '') found.event = event;
  for (const { key, value: sent } of listIn(record.attributes)) {
    const [name, value] = [textIn(key), plainValue(sent)];
    const place = places[name];
    if (place === 'line' ? isInt(value) : place !== undefined && typeof value === 'string')
      found[place ?? name] = value;
    // What would pass for a part of the record keeps its name, but not its place.
    else found[isReserved(name) || name in found ? `attributes.${name}` : name] = value;
  }
  const ofScope = attributesOf(scope.attributes);
  if (Object.keys(about).length > 0) found.resource = about;
  const version = textIn(scope.version);
  if (version !== '' || Object.keys(ofScope).length > 0) found.scope = { ...(version && { version }), ...ofScope };
  const body = plainValue(record.body);
  found.timestamp = timeOf(record.timeUnixNano) ?? timeOf(record.observedTimeUnixNano);
  found.level = levelOf(numberIn(record.severityNumber));
  found.logger = textIn(scope.name) || service;
  found.message = typeof body === 'string' ? body : body === null ? event : JSON.stringify(body);
  return found;
}

const isInt = (value: JsonValue): boolean => typeof value === 'number' && (value | 0) === value;

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
function levelOf(severity: number): Level {
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
  return severity < 1 ? 'UNKNOWN' : (levels[Math.floor((severity - 1) / 4)] ?? 'UNKNOWN');
}

/** Milliseconds since 1970, UTC; null for 0, which is no time. */
function timeOf(nano: Sent): number | null {
  const time = typeof nano === 'string' ? Number(nano.slice(0, -6)) : Math.floor(numberIn(nano) / 1e6);
  return time > 0 ? time : null;
}

/** Hexadecimal; bytes in protobuf. */
const idOf = (id: Sent): string => (id instanceof Uint8Array ? Buffer.from(id).toString('hex') : textIn(id));

const attributesOf = (pairs: Sent): JsonObject =>
  Object.fromEntries(listIn(pairs).map(({ key, value }) => [textIn(key), plainValue(value)]));

/** What an `AnyValue` stands for. */
function plainValue(value: Sent): JsonValue {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = objectIn(value);
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  // Beyond 2^53 the digits matter, and not the number.
  if (typeof intValue === 'string' || typeof intValue === 'number')
    return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : String(intValue);
  if (typeof doubleValue === 'string' || typeof doubleValue === 'number')
    return Number.isFinite(Number(doubleValue)) ? Number(doubleValue) : String(doubleValue);
  if (isObject(arrayValue)) return listIn(arrayValue.values).map(plainValue);
  if (isObject(kvlistValue)) return attributesOf(kvlistValue.values);
  return bytesValue instanceof Uint8Array ? Buffer.from(bytesValue).toString('base64') : textIn(bytesValue) || null;
}
