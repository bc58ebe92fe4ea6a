import { z } from 'zod';
import type { JsonObject, JsonValue, Level } from '../entry.ts';
import { isReserved } from './record.ts';

/** A value of an attribute: exactly one of these is set. Whole numbers of 64 bits come as text in JSON. */
export interface AnyValue {
  stringValue?: string | null | undefined;
  boolValue?: boolean | null | undefined;
  intValue?: string | number | null | undefined;
  doubleValue?: number | string | null | undefined;
  arrayValue?: { values?: AnyValue[] | undefined } | null | undefined;
  kvlistValue?: { values?: KeyValue[] | undefined } | null | undefined;
  bytesValue?: string | Uint8Array | null | undefined;
}

const anyValue: z.ZodType<AnyValue> = z.lazy(() =>
  z.object({
    stringValue: z.string().nullish(),
    boolValue: z.boolean().nullish(),
    intValue: z.union([z.string(), z.number()]).nullish(),
    doubleValue: z.union([z.number(), z.string()]).nullish(),
    arrayValue: z.object({ values: z.array(anyValue).optional() }).nullish(),
    kvlistValue: z.object({ values: z.array(keyValue).optional() }).nullish(),
    bytesValue: z.string().nullish(),
  }),
);
const keyValue = z.object({ key: z.string(), value: anyValue.nullish() });
export type KeyValue = z.output<typeof keyValue>;

const attributes = z.array(keyValue).optional();
const nanoseconds = z.union([z.string(), z.number()]).nullish();

/**
 * What an exporter sends, as in its JSON; of its protobuf the same, with bytes for the ids.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
export const exportSchema = z.object({
  resourceLogs: z
    .array(
      z.object({
        resource: z.object({ attributes }).nullish(),
        scopeLogs: z
          .array(
            z.object({
              scope: z.object({ name: z.string().nullish(), version: z.string().nullish(), attributes }).nullish(),
              logRecords: z
                .array(
                  z.object({
                    timeUnixNano: nanoseconds,
                    observedTimeUnixNano: nanoseconds,
                    severityNumber: z.int().nullish(),
                    severityText: z.string().nullish(),
                    body: anyValue.nullish(),
                    attributes,
                    traceId: z.union([z.string(), z.instanceof(Uint8Array)]).nullish(),
                    spanId: z.union([z.string(), z.instanceof(Uint8Array)]).nullish(),
                    eventName: z.string().nullish(),
                  }),
                )
                .optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

export type ExportRequest = z.output<typeof exportSchema>;
type ResourceLogs = NonNullable<ExportRequest['resourceLogs']>[number];
type ScopeLogs = NonNullable<ResourceLogs['scopeLogs']>[number];
type LogRecord = NonNullable<ScopeLogs['logRecords']>[number];

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
export function serviceRecords({ resourceLogs = [] }: ExportRequest): ServiceRecords[] {
  return resourceLogs.map(({ resource, scopeLogs = [] }) => {
    const about = objectOf(resource?.attributes);
    const service = typeof about['service.name'] === 'string' ? about['service.name'] : null;
    const records = scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) => recordOf(record, { about, scope, service })),
    );
    return { service, records };
  });
}

function recordOf(
  record: LogRecord,
  { about, scope, service }: { about: JsonObject; scope: ScopeLogs['scope']; service: string | null },
): JsonObject {
  const found: JsonObject = {};
  const [traceId, spanId] = [idOf(record.traceId), idOf(record.spanId)];
  if (traceId !== '') found.traceId = traceId;
  if (spanId !== '') found.spanId = spanId;
  if (record.severityText) found.severity = record.severityText;
  if (record.eventName) found.event = record.eventName;
  for (const [name, value] of Object.entries(objectOf(record.attributes))) {
    const place = places[name];
    if (place === 'line' ? isInt(value) : place !== undefined && typeof value === 'string')
      found[place ?? name] = value;
    // What would pass for a part of the record keeps its name, but not its place.
    else found[isReserved(name) || name in found ? `attributes.${name}` : name] = value;
  }
  const ofScope = objectOf(scope?.attributes);
  if (Object.keys(about).length > 0) found.resource = about;
  if (scope?.version || Object.keys(ofScope).length > 0) {
    found.scope = { ...(scope?.version && { version: scope.version }), ...ofScope };
  }
  const body = plainValue(record.body);
  return {
    ...found,
    timestamp: timeOf(record.timeUnixNano) ?? timeOf(record.observedTimeUnixNano),
    level: levelOf(record.severityNumber ?? 0),
    logger: scope?.name || service || null,
    message: typeof body === 'string' ? body : body === null ? (record.eventName ?? '') : JSON.stringify(body),
  };
}

const isInt = (value: JsonValue): boolean => typeof value === 'number' && (value | 0) === value;

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
function levelOf(severity: number): Level {
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
  return severity < 1 ? 'UNKNOWN' : (levels[Math.floor((severity - 1) / 4)] ?? 'UNKNOWN');
}

/** Milliseconds since 1970, UTC; null for 0, which is no time. */
function timeOf(nano: string | number | null | undefined): number | null {
  const time = typeof nano === 'string' ? Number(nano.slice(0, -6)) : Math.floor((nano ?? 0) / 1e6);
  return time > 0 ? time : null;
}

/** Hexadecimal; bytes in protobuf. */
const idOf = (id: string | Uint8Array | null | undefined): string =>
  typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');

const objectOf = (pairs: KeyValue[] | undefined): JsonObject =>
  Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, plainValue(value)]));

function plainValue(value: AnyValue | null | undefined): JsonValue {
  if (value === null || value === undefined) return null;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  // Beyond 2^53 the digits matter, and not the number.
  if (intValue !== null && intValue !== undefined)
    return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : String(intValue);
  if (doubleValue !== null && doubleValue !== undefined)
    return Number.isFinite(Number(doubleValue)) ? Number(doubleValue) : String(doubleValue);
  if (arrayValue) return (arrayValue.values ?? []).map(plainValue);
  if (kvlistValue) return objectOf(kvlistValue.values);
  return typeof bytesValue === 'string' ? bytesValue : bytesValue ? Buffer.from(bytesValue).toString('base64') : null;
}
