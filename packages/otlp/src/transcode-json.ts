import {
  asObject,
  asText,
  each,
  type JsonObject,
  optional,
  parseJson,
  present,
  wrongType,
} from './json-values.ts';
import { OtlpError } from './otlp-error.ts';
import { ProtoWriter } from './proto-writer.ts';

/** Deeper AnyValues are written empty: recursion has to end somewhere before the stack does. */
const maxDepth = 100;

/**
 * OTLP JSON as OTLP protobuf: the same cursors, gate and rows then serve both. Slower than protobuf, and proud
 * of having one path. Unknown fields are ignored, as the specification says; null is absence (proto3 JSON).
 *
 * Errors: `OtlpError` for anything but UTF-8, RFC 8259 and the right types.
 */
export function transcodeJsonRequest(signal: 'spans' | 'logs', body: Uint8Array): Uint8Array<ArrayBuffer> {
  const request = asObject(parseJson(body), 'request');
  const own = signal === 'spans' ? 'resourceSpans' : 'resourceLogs';
  const other = signal === 'spans' ? 'resourceLogs' : 'resourceSpans';
  if (request[own] === undefined && request[other] !== undefined) {
    throw new OtlpError(`${other} was sent where ${own} is expected`);
  }
  return encodeJsonRequest(signal, request);
}

/** The same for a request that is parsed already. */
export function encodeJsonRequest(signal: 'spans' | 'logs', request: JsonObject): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  const groups = signal === 'spans' ? 'resourceSpans' : 'resourceLogs';
  const scopes = signal === 'spans' ? 'scopeSpans' : 'scopeLogs';
  const items = signal === 'spans' ? 'spans' : 'logRecords';
  const write = signal === 'spans' ? writeSpan : writeLogRecord;
  each(request, groups, (group) => {
    writer.message(1, () => {
      optional(group, 'resource', (resource) => writer.message(1, () => writeResource(writer, resource)));
      each(group, scopes, (scopeGroup) => {
        writer.message(2, () => {
          optional(scopeGroup, 'scope', (scope) => writer.message(1, () => writeScope(writer, scope)));
          each(scopeGroup, items, (item) => writer.message(2, () => write(writer, item)));
          writeText(writer, 3, scopeGroup, 'schemaUrl');
        });
      });
      writeText(writer, 3, group, 'schemaUrl');
    });
  });
  return writer.finish();
}

function writeResource(writer: ProtoWriter, resource: JsonObject): void {
  writeAttributes(writer, 1, resource);
  writeUint32(writer, 2, resource, 'droppedAttributesCount');
}

function writeScope(writer: ProtoWriter, scope: JsonObject): void {
  writeText(writer, 1, scope, 'name');
  writeText(writer, 2, scope, 'version');
  writeAttributes(writer, 3, scope);
  writeUint32(writer, 4, scope, 'droppedAttributesCount');
}

function writeSpan(writer: ProtoWriter, span: JsonObject): void {
  writeId(writer, 1, span, 'traceId');
  writeId(writer, 2, span, 'spanId');
  writeText(writer, 3, span, 'traceState');
  writeId(writer, 4, span, 'parentSpanId');
  writeText(writer, 5, span, 'name');
  writeUint32(writer, 6, span, 'kind');
  writeFixed64(writer, 7, span, 'startTimeUnixNano');
  writeFixed64(writer, 8, span, 'endTimeUnixNano');
  writeAttributes(writer, 9, span);
  writeUint32(writer, 10, span, 'droppedAttributesCount');
  each(span, 'events', (event) => {
    writer.message(11, () => {
      writeFixed64(writer, 1, event, 'timeUnixNano');
      writeText(writer, 2, event, 'name');
      writeAttributes(writer, 3, event);
      writeUint32(writer, 4, event, 'droppedAttributesCount');
    });
  });
  writeUint32(writer, 12, span, 'droppedEventsCount');
  each(span, 'links', (link) => {
    writer.message(13, () => {
      writeId(writer, 1, link, 'traceId');
      writeId(writer, 2, link, 'spanId');
      writeText(writer, 3, link, 'traceState');
      writeAttributes(writer, 4, link);
      writeUint32(writer, 5, link, 'droppedAttributesCount');
      writeFixed32(writer, 6, link, 'flags');
    });
  });
  writeUint32(writer, 14, span, 'droppedLinksCount');
  optional(span, 'status', (status) => {
    writer.message(15, () => {
      writeText(writer, 2, status, 'message');
      writeUint32(writer, 3, status, 'code');
    });
  });
  writeFixed32(writer, 16, span, 'flags');
}

function writeLogRecord(writer: ProtoWriter, record: JsonObject): void {
  writeFixed64(writer, 1, record, 'timeUnixNano');
  writeUint32(writer, 2, record, 'severityNumber');
  writeText(writer, 3, record, 'severityText');
  optional(record, 'body', (body) => writer.message(5, () => writeAnyValue(writer, body, 0)));
  writeAttributes(writer, 6, record);
  writeUint32(writer, 7, record, 'droppedAttributesCount');
  writeFixed32(writer, 8, record, 'flags');
  writeId(writer, 9, record, 'traceId');
  writeId(writer, 10, record, 'spanId');
  writeFixed64(writer, 11, record, 'observedTimeUnixNano');
  writeText(writer, 12, record, 'eventName');
}

function writeAttributes(writer: ProtoWriter, field: number, owner: JsonObject): void {
  each(owner, 'attributes', (pair) => writer.message(field, () => writeKeyValue(writer, pair, 0)));
}

function writeKeyValue(writer: ProtoWriter, pair: JsonObject, depth: number): void {
  writeText(writer, 1, pair, 'key');
  optional(pair, 'value', (value) => writer.message(2, () => writeAnyValue(writer, value, depth)));
}

function writeAnyValue(writer: ProtoWriter, value: JsonObject, depth: number): void {
  if (depth > maxDepth) return;
  const { stringValue, boolValue, intValue, doubleValue, bytesValue } = value;
  if (present(stringValue)) writer.string(1, asText(stringValue, 'stringValue'));
  if (present(boolValue)) {
    if (typeof boolValue !== 'boolean') throw wrongType('boolValue');
    writer.varint(2, boolValue ? 1 : 0);
  }
  if (present(intValue)) writer.int64(3, asInteger(intValue, 'intValue'));
  if (present(doubleValue)) writer.double(4, asDouble(doubleValue));
  optional(value, 'arrayValue', (array) => {
    writer.message(5, () => {
      each(array, 'values', (item) => writer.message(1, () => writeAnyValue(writer, item, depth + 1)));
    });
  });
  optional(value, 'kvlistValue', (map) => {
    writer.message(6, () => {
      each(map, 'values', (pair) => writer.message(1, () => writeKeyValue(writer, pair, depth + 1)));
    });
  });
  if (present(bytesValue)) writer.bytes(7, asBytes(bytesValue));
}

function writeText(writer: ProtoWriter, field: number, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (present(value)) writer.string(field, asText(value, name));
}

function writeUint32(writer: ProtoWriter, field: number, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (present(value)) writer.varint(field, Number(BigInt.asUintN(32, asInteger(value, name))));
}

function writeFixed32(writer: ProtoWriter, field: number, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (present(value)) writer.fixed32(field, Number(BigInt.asUintN(32, asInteger(value, name))));
}

function writeFixed64(writer: ProtoWriter, field: number, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (present(value)) writer.fixed64(field, asInteger(value, name));
}

/** Hex in either case. What is no hex goes on as one byte, which is no id: the span is rejected, not the request. */
function writeId(writer: ProtoWriter, field: number, owner: JsonObject, name: string): void {
  const value = owner[name];
  if (!present(value)) return;
  const hex = asText(value, name);
  if (hex === '') return;
  if (!/^(?:[0-9a-fA-F]{2}){1,64}$/.test(hex)) {
    writer.bytes(field, new Uint8Array(1));
    return;
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  writer.bytes(field, bytes);
}

function asInteger(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return inRange(value, name);
  if (typeof value === 'number' && Number.isInteger(value)) return inRange(BigInt(value), name);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return inRange(BigInt(value), name);
  throw wrongType(name);
}

function inRange(value: bigint, name: string): bigint {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw wrongType(name);
  return value;
}

function asDouble(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^(?:NaN|-?Infinity|[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)$/.test(value)) {
    return Number(value);
  }
  throw wrongType('doubleValue');
}

/** Base64, standard or URL-safe, padded or not. (proto3 JSON, bytes.) */
function asBytes(value: unknown): Uint8Array {
  const text = asText(value, 'bytesValue').replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw wrongType('bytesValue');
  try {
    return Uint8Array.from(atob(text.replace(/=+$/, '')), (character) => character.charCodeAt(0));
  } catch {
    throw wrongType('bytesValue');
  }
}
