import { relative } from 'node:path';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';

/*
 * Descriptors as `protoc` makes them, for reflection: one per file, with imports, absolute type names, JSON names and
 * map entries. Those that protobufjs makes lack all of these, and clients in Python and Go refuse them.
 * (google/protobuf/descriptor.proto.)
 */

/** FieldDescriptorProto.Type */
const scalarTypes: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};
const messageType = 11;
const enumType = 14;

/** FieldDescriptorProto.Label */
const labels = { optional: 1, repeated: 3 } as const;

interface File {
  readonly name: string;
  readonly package: string;
  readonly syntax: 'proto3';
  readonly dependency: Set<string>;
  readonly messageType: object[];
  readonly enumType: object[];
  readonly service: object[];
}

/**
 * Gives: encoded FileDescriptorProtos of `names`, which are relative to `folder`, and of all that they import.
 * @throws Error when a file can't be read or names a type that is nowhere.
 */
export function readFileDescriptors(folder: string, names: readonly string[]): readonly Buffer[] {
  const root = new protobuf.Root();
  const resolve = root.resolvePath;
  root.resolvePath = (_origin, target) => resolve('', `${folder}/${target}`);
  root.loadSync([...names], { keepCase: true }).resolveAll();
  const files = new Map<string, File>();
  addFiles(root, folder, files);
  return Array.from(files.values(), ({ dependency, ...file }) => {
    const message = descriptor.FileDescriptorProto.fromObject({ ...file, dependency: [...dependency] });
    return Buffer.from(descriptor.FileDescriptorProto.encode(message).finish());
  });
}

function addFiles(namespace: protobuf.NamespaceBase, folder: string, files: Map<string, File>): void {
  for (const item of namespace.nestedArray) {
    const isMessage = item instanceof protobuf.Type;
    if (isMessage || item instanceof protobuf.Enum || item instanceof protobuf.Service) {
      const name = fileNameOf(item, folder);
      let file = files.get(name);
      if (file === undefined) {
        file = {
          name,
          package: fullNameOf(namespace),
          syntax: 'proto3',
          dependency: new Set(),
          messageType: [],
          enumType: [],
          service: [],
        };
        files.set(name, file);
      }
      const use = (used: protobuf.ReflectionObject) => {
        const usedFile = fileNameOf(used, folder);
        if (usedFile !== name) file.dependency.add(usedFile);
        return `.${fullNameOf(used)}`;
      };
      if (isMessage) file.messageType.push(describeMessage(item, use));
      else if (item instanceof protobuf.Enum) file.enumType.push(describeEnum(item));
      else file.service.push(describeService(item, use));
    } else if (item instanceof protobuf.Namespace) {
      addFiles(item, folder, files);
    }
  }
}

/** Says that a type is used, and gives its absolute name. */
type Use = (used: protobuf.ReflectionObject) => string;

function describeMessage(type: protobuf.Type, use: Use): object {
  const maps = type.fieldsArray.filter((field) => field instanceof protobuf.MapField);
  const nested = type.nestedArray.filter((item) => item instanceof protobuf.Type);
  const enums = type.nestedArray.filter((item) => item instanceof protobuf.Enum);
  return {
    name: type.name,
    field: type.fieldsArray.map((field) => describeField(field, type, use)),
    nestedType: [
      ...nested.map((item) => describeMessage(item, use)),
      ...maps.map((field) => describeMapEntry(field, use)),
    ],
    enumType: enums.map(describeEnum),
    oneofDecl: type.oneofsArray.map(({ name }) => ({ name })),
  };
}

function describeField(field: protobuf.Field, type: protobuf.Type, use: Use): object {
  const isMap = field instanceof protobuf.MapField;
  return {
    name: field.name,
    number: field.id,
    label: field.repeated || isMap ? labels.repeated : labels.optional,
    jsonName: protobuf.util.camelCase(field.name),
    ...(isMap
      ? { type: messageType, typeName: `.${fullNameOf(type)}.${entryNameOf(field)}` }
      : typeOf(field, use)),
    ...(field.partOf === null ? {} : { oneofIndex: type.oneofsArray.indexOf(field.partOf) }),
  };
}

function typeOf(field: protobuf.FieldBase, use: Use): object {
  const { resolvedType } = field;
  if (resolvedType === null) return { type: scalarTypes[field.type] };
  return {
    type: resolvedType instanceof protobuf.Enum ? enumType : messageType,
    typeName: use(resolvedType),
  };
}

function describeMapEntry(field: protobuf.MapField, use: Use): object {
  const label = labels.optional;
  return {
    name: entryNameOf(field),
    field: [
      { name: 'key', number: 1, label, jsonName: 'key', type: scalarTypes[field.keyType] },
      { name: 'value', number: 2, label, jsonName: 'value', ...typeOf(field, use) },
    ],
    options: { mapEntry: true },
  };
}

/** `start_times` has entries of `StartTimesEntry`. */
function entryNameOf(field: protobuf.MapField): string {
  return `${protobuf.util.ucFirst(protobuf.util.camelCase(field.name))}Entry`;
}

function describeEnum(type: protobuf.Enum): object {
  return { name: type.name, value: Object.entries(type.values).map(([name, number]) => ({ name, number })) };
}

function describeService(service: protobuf.Service, use: Use): object {
  return {
    name: service.name,
    method: service.methodsArray.map((method) => ({
      name: method.name,
      inputType: use(method.resolvedRequestType!), // resolveAll has thrown where there is none
      outputType: use(method.resolvedResponseType!),
      clientStreaming: method.requestStream === true,
      serverStreaming: method.responseStream === true,
    })),
  };
}

function fullNameOf(item: protobuf.ReflectionObject): string {
  return item.fullName.replace(/^\./, '');
}

/** Of the outermost type. Google's common types come with protobufjs, without a file. */
function fileNameOf(item: protobuf.ReflectionObject, folder: string): string {
  if (item.parent instanceof protobuf.Type) return fileNameOf(item.parent, folder);
  if (item.filename !== null) return relative(folder, item.filename).replaceAll('\\', '/');
  return `${fullNameOf(item).replaceAll('.', '/').toLowerCase()}.proto`;
}
