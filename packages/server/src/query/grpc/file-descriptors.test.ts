import { fileURLToPath } from 'node:url';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { describe, expect, it } from 'vitest';
import { readFileDescriptors } from './file-descriptors.ts';

const folder = fileURLToPath(new URL('./proto', import.meta.url));
const files = readFileDescriptors(folder, ['jaeger/api_v3.proto']).map((bytes) =>
  descriptor.FileDescriptorProto.toObject(descriptor.FileDescriptorProto.decode(bytes), { arrays: false }),
);
const file = (name: string) => files.find((each) => each.name === name);

/* The expectations are what protoc writes for the same files. */
describe('readFileDescriptors', () => {
  it('gives each file with its imports', () => {
    expect(
      Object.fromEntries(files.map(({ name, dependency = [] }) => [name, dependency.toSorted()])),
    ).toEqual({
      'jaeger/api_v3.proto': [
        'google/protobuf/duration.proto',
        'google/protobuf/timestamp.proto',
        'jaeger/expression.proto',
        'opentelemetry/proto/trace/v1/trace.proto',
      ],
      'jaeger/expression.proto': [],
      'google/protobuf/duration.proto': [],
      'google/protobuf/timestamp.proto': [],
      'opentelemetry/proto/trace/v1/trace.proto': [
        'opentelemetry/proto/common/v1/common.proto',
        'opentelemetry/proto/resource/v1/resource.proto',
      ],
      'opentelemetry/proto/common/v1/common.proto': [],
      'opentelemetry/proto/resource/v1/resource.proto': ['opentelemetry/proto/common/v1/common.proto'],
    });
  });

  it('writes maps, types and JSON names as protoc does', () => {
    const message = file('jaeger/api_v3.proto')?.messageType.find(
      ({ name }: { name: string }) => name === 'TraceQueryParameters',
    );
    expect(message.field[2]).toEqual({
      name: 'attributes',
      number: 3,
      label: 3,
      type: 11,
      typeName: '.jaeger.api_v3.TraceQueryParameters.AttributesEntry',
      jsonName: 'attributes',
    });
    expect(message.field[3]).toEqual({
      name: 'start_time_min',
      number: 4,
      label: 1,
      type: 11,
      typeName: '.google.protobuf.Timestamp',
      jsonName: 'startTimeMin',
    });
    expect(message.nestedType).toEqual([
      {
        name: 'AttributesEntry',
        field: [
          { name: 'key', number: 1, label: 1, type: 9, jsonName: 'key' },
          { name: 'value', number: 2, label: 1, type: 9, jsonName: 'value' },
        ],
        options: { mapEntry: true },
      },
    ]);
  });

  it('writes enums, alternatives and services', () => {
    const span = file('opentelemetry/proto/trace/v1/trace.proto')?.messageType.find(
      ({ name }: { name: string }) => name === 'Span',
    );
    expect(span.enumType[0].value[2]).toEqual({ name: 'SPAN_KIND_SERVER', number: 2 });
    expect(span.field.find(({ name }: { name: string }) => name === 'kind')).toMatchObject({
      type: 14,
      typeName: '.opentelemetry.proto.trace.v1.Span.SpanKind',
    });
    const [anyValue] = file('opentelemetry/proto/common/v1/common.proto')?.messageType ?? [];
    expect(anyValue.oneofDecl).toEqual([{ name: 'value' }]);
    expect(anyValue.field[0]).toMatchObject({ name: 'string_value', oneofIndex: 0 });
    expect(file('jaeger/api_v3.proto')?.service[0].method[0]).toEqual({
      name: 'GetTrace',
      inputType: '.jaeger.api_v3.GetTraceRequest',
      outputType: '.opentelemetry.proto.trace.v1.TracesData',
      clientStreaming: false,
      serverStreaming: true,
    });
  });
});
