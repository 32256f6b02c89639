import type { AttributeList, ProducerCursor } from '@spanwise/model';
import { readKeyValue } from './any-value.ts';
import { ProtoReader } from './proto-reader.ts';

/** The flyweights that a cursor fills. The lists share one key table; the caller may share them between cursors. */
export interface CursorLists {
  readonly resource: AttributeList;
  readonly scope: AttributeList;
  /** Of the span or record. */
  readonly record: AttributeList;
  /** Of the event or link that stands; the body of a record. */
  readonly inner: AttributeList;
}

/*
 * The same field numbers for both signals:
 *   trace_service.proto ExportTraceServiceRequest   resource_spans 1    logs_service.proto: resource_logs 1
 *   trace.proto ResourceSpans   resource 1, scope_spans 2, schema_url 3     logs.proto ResourceLogs
 *   trace.proto ScopeSpans      scope 1, spans 2, schema_url 3              logs.proto ScopeLogs
 *   resource.proto Resource     attributes 1, dropped_attributes_count 2 uint32
 *   common.proto InstrumentationScope   name 1, version 2, attributes 3, dropped_attributes_count 4 uint32
 */

/** Walks request → resource → scope → record. A resource's and a scope's own fields are read once per group. */
export class ProducerReader implements ProducerCursor {
  readonly reader: ProtoReader;
  readonly bytes: Uint8Array;
  readonly lists: CursorLists;

  resourceSequence = 0;
  readonly resourceAttributes: AttributeList;
  resourceDroppedAttributes = 0;
  resourceSchemaUrlStart = 0;
  resourceSchemaUrlEnd = 0;
  scopeSequence = 0;
  scopeNameStart = 0;
  scopeNameEnd = 0;
  scopeVersionStart = 0;
  scopeVersionEnd = 0;
  readonly scopeAttributes: AttributeList;
  scopeDroppedAttributes = 0;
  scopeSchemaUrlStart = 0;
  scopeSchemaUrlEnd = 0;

  /** Where to go on, and the end, of the request, the open resource and the open scope; -1: none is open. */
  #requestPosition = 0;
  #resourcePosition = -1;
  #resourceEnd = 0;
  #scopePosition = -1;
  #scopeEnd = 0;

  constructor(bytes: Uint8Array, lists: CursorLists) {
    this.bytes = bytes;
    this.reader = new ProtoReader(bytes);
    this.lists = lists;
    this.resourceAttributes = lists.resource;
    this.scopeAttributes = lists.scope;
  }

  /** Puts the reader on the next record, `reader.position` to `reader.end`. False: there is none. */
  protected nextRecord(): boolean {
    const reader = this.reader;
    for (;;) {
      if (this.#scopePosition >= 0) {
        reader.position = this.#scopePosition;
        reader.end = this.#scopeEnd;
        if (this.#find(0x12)) {
          this.#scopePosition = reader.end;
          return true;
        }
        this.#scopePosition = -1;
      }
      if (this.#resourcePosition >= 0) {
        reader.position = this.#resourcePosition;
        reader.end = this.#resourceEnd;
        if (this.#find(0x12)) {
          this.#resourcePosition = reader.end;
          this.#openScope(reader.position, reader.end);
        } else this.#resourcePosition = -1;
        continue;
      }
      reader.position = this.#requestPosition;
      reader.end = this.bytes.length;
      if (!this.#find(0x0a)) return false;
      this.#requestPosition = reader.end;
      this.#openResource(reader.position, reader.end);
    }
  }

  /** Moves the reader onto the next field `wanted` of the current message. */
  #find(wanted: number): boolean {
    const reader = this.reader;
    while (reader.position < reader.end) {
      const tag = reader.tag();
      if (tag === wanted) {
        const length = reader.length();
        reader.end = reader.position + length;
        return true;
      }
      reader.skip(tag);
    }
    return false;
  }

  /** The schema URL follows the groups on the wire, so own fields are looked for first, over all groups. */
  #openResource(start: number, end: number): void {
    const reader = this.reader;
    this.resourceSequence += 1;
    this.resourceAttributes.begin(this.bytes);
    this.resourceDroppedAttributes = 0;
    this.resourceSchemaUrlStart = 0;
    this.resourceSchemaUrlEnd = 0;
    reader.position = start;
    reader.end = end;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === 0x0a) {
        const length = reader.length();
        reader.end = reader.position + length;
        this.#readResource();
        reader.end = end;
      } else if (tag === 0x1a) {
        const length = reader.length();
        this.resourceSchemaUrlStart = reader.position;
        reader.position += length;
        this.resourceSchemaUrlEnd = reader.position;
      } else reader.skip(tag);
    }
    this.#resourcePosition = start;
    this.#resourceEnd = end;
  }

  #readResource(): void {
    const reader = this.reader;
    const end = reader.end;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === 0x0a) {
        const length = reader.length();
        reader.end = reader.position + length;
        readKeyValue(reader, this.resourceAttributes);
        reader.end = end;
      } else if (tag === 0x10) this.resourceDroppedAttributes = reader.varint();
      else reader.skip(tag);
    }
  }

  #openScope(start: number, end: number): void {
    const reader = this.reader;
    this.scopeSequence += 1;
    this.scopeAttributes.begin(this.bytes);
    this.scopeDroppedAttributes = 0;
    this.scopeNameStart = 0;
    this.scopeNameEnd = 0;
    this.scopeVersionStart = 0;
    this.scopeVersionEnd = 0;
    this.scopeSchemaUrlStart = 0;
    this.scopeSchemaUrlEnd = 0;
    reader.position = start;
    reader.end = end;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === 0x0a) {
        const length = reader.length();
        reader.end = reader.position + length;
        this.#readScope();
        reader.end = end;
      } else if (tag === 0x1a) {
        const length = reader.length();
        this.scopeSchemaUrlStart = reader.position;
        reader.position += length;
        this.scopeSchemaUrlEnd = reader.position;
      } else reader.skip(tag);
    }
    this.#scopePosition = start;
    this.#scopeEnd = end;
  }

  #readScope(): void {
    const reader = this.reader;
    const end = reader.end;
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x0a: {
          const length = reader.length();
          this.scopeNameStart = reader.position;
          reader.position += length;
          this.scopeNameEnd = reader.position;
          break;
        }
        case 0x12: {
          const length = reader.length();
          this.scopeVersionStart = reader.position;
          reader.position += length;
          this.scopeVersionEnd = reader.position;
          break;
        }
        case 0x1a: {
          const length = reader.length();
          reader.end = reader.position + length;
          readKeyValue(reader, this.scopeAttributes);
          reader.end = end;
          break;
        }
        case 0x20:
          this.scopeDroppedAttributes = reader.varint();
          break;
        default:
          reader.skip(tag);
      }
    }
  }
}
