import type { ProducerCursor } from '@spanwise/model';
import { encodeAttributeList, writeDropped } from './attributes.ts';
import type { ByteWriter } from './byte-writer.ts';

/** `service` and the resource's columns: the same for all rows of a resource, so encoded once and copied. */
export function encodeResource(writer: ByteWriter, cursor: ProducerCursor, service: string): void {
  writer.string(service);
  encodeAttributeList(writer, cursor.resourceAttributes);
  writer.text(cursor.bytes, cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd);
  writeDropped(writer, cursor.resourceDroppedAttributes, cursor.resourceAttributes.leftOut);
}

/** The scope's columns: the same for all rows of a scope. */
export function encodeScope(writer: ByteWriter, cursor: ProducerCursor): void {
  writer.text(cursor.bytes, cursor.scopeNameStart, cursor.scopeNameEnd);
  writer.text(cursor.bytes, cursor.scopeVersionStart, cursor.scopeVersionEnd);
  encodeAttributeList(writer, cursor.scopeAttributes);
  writer.text(cursor.bytes, cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd);
  writeDropped(writer, cursor.scopeDroppedAttributes, cursor.scopeAttributes.leftOut);
}
