import protobuf from 'protobufjs/light.js';

const text = (id: number) => ({ type: 'string', id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

/**
 * Of opentelemetry-proto what a log record is made of; what is not named is passed over.
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceLogs: many('ResourceLogs', 1) } },
    ResourceLogs: { fields: { resource: { type: 'Resource', id: 1 }, scopeLogs: many('ScopeLogs', 2) } },
    Resource: { fields: { attributes: many('KeyValue', 1) } },
    ScopeLogs: { fields: { scope: { type: 'Scope', id: 1 }, logRecords: many('LogRecord', 2) } },
    Scope: { fields: { name: text(1), version: text(2), attributes: many('KeyValue', 3) } },
    LogRecord: {
      fields: {
        timeUnixNano: { type: 'fixed64', id: 1 },
        severityNumber: { type: 'int32', id: 2 },
        severityText: text(3),
        body: { type: 'AnyValue', id: 5 },
        attributes: many('KeyValue', 6),
        traceId: { type: 'bytes', id: 9 },
        spanId: { type: 'bytes', id: 10 },
        observedTimeUnixNano: { type: 'fixed64', id: 11 },
        eventName: text(12),
      },
    },
    KeyValue: { fields: { key: text(1), value: { type: 'AnyValue', id: 2 } } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
      fields: {
        stringValue: text(1),
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'ArrayValue', id: 5 },
        kvlistValue: { type: 'KeyValueList', id: 6 },
        bytesValue: { type: 'bytes', id: 7 },
      },
    },
    ArrayValue: { fields: { values: many('AnyValue', 1) } },
    KeyValueList: { fields: { values: many('KeyValue', 1) } },
    Response: { fields: { partialSuccess: { type: 'PartialSuccess', id: 1 } } },
    PartialSuccess: { fields: { rejectedLogRecords: { type: 'int64', id: 1 }, errorMessage: text(2) } },
    Status: { fields: { code: { type: 'int32', id: 1 }, message: text(2) } },
  },
});
const request = root.lookupType('Request');
const response = root.lookupType('Response');
const status = root.lookupType('Status');

/** Only what was sent is set; whole numbers beyond 2^53 are text. Throws an Error when the bytes are no such message. */
export const decodeRequest = (bytes: Uint8Array): object =>
  request.toObject(request.decode(bytes), { longs: String, arrays: false, defaults: false });

export interface PartialSuccess {
  rejectedLogRecords: number;
  errorMessage: string;
}

export const encodeResponse = (partialSuccess: PartialSuccess | null): Uint8Array =>
  response.encode(response.create(partialSuccess === null ? {} : { partialSuccess })).finish();

/** https://opentelemetry.io/docs/specs/otlp/#failures-1 */
export const encodeStatus = (message: string): Uint8Array => status.encode(status.create({ message })).finish();
