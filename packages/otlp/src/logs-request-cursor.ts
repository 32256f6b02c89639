import type { AttributeList, LogCursor } from '@spanwise/model';
import { readAnyValue, readKeyValue } from './any-value.ts';
import { OtlpError } from './otlp-error.ts';
import { type CursorLists, ProducerReader } from './producer-reader.ts';

/*
 * logs.proto
 *   LogRecord  time_unix_nano 1 fixed64, severity_number 2 enum, severity_text 3 string, body 5 AnyValue,
 *              attributes 6 KeyValue, dropped_attributes_count 7 uint32, flags 8 fixed32, trace_id 9 bytes,
 *              span_id 10 bytes, observed_time_unix_nano 11 fixed64, event_name 12 string
 */

/** An ExportLogsServiceRequest, record by record. */
export class LogsRequestCursor extends ProducerReader implements LogCursor {
  timeLow = 0;
  timeHigh = 0;
  observedTimeLow = 0;
  observedTimeHigh = 0;
  traceIdStart = 0;
  traceIdEnd = 0;
  spanIdStart = 0;
  spanIdEnd = 0;
  flags = 0;
  severityNumber = 0;
  severityTextStart = 0;
  severityTextEnd = 0;
  eventNameStart = 0;
  eventNameEnd = 0;
  readonly body: AttributeList;
  readonly attributes: AttributeList;
  droppedAttributes = 0;

  constructor(bytes: Uint8Array, lists: CursorLists) {
    super(bytes, lists);
    this.attributes = lists.record;
    this.body = lists.inner;
  }

  next(): boolean {
    if (!this.nextRecord()) return false;
    this.#clear();
    const reader = this.reader;
    const end = reader.end;
    let bodyStart = 0;
    let bodyEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x09:
          reader.fixed64();
          this.timeLow = reader.low;
          this.timeHigh = reader.high;
          break;
        case 0x10:
          this.severityNumber = reader.varint();
          break;
        case 0x1a: {
          const length = reader.length();
          this.severityTextStart = reader.position;
          reader.position += length;
          this.severityTextEnd = reader.position;
          break;
        }
        case 0x2a: {
          const length = reader.length();
          if (length > 0) {
            bodyStart = reader.position;
            bodyEnd = bodyStart + length;
          }
          reader.position += length;
          break;
        }
        case 0x32: {
          const length = reader.length();
          reader.end = reader.position + length;
          readKeyValue(reader, this.attributes);
          reader.end = end;
          break;
        }
        case 0x38:
          this.droppedAttributes = reader.varint();
          break;
        case 0x45:
          this.flags = reader.fixed32();
          break;
        case 0x4a: {
          const length = reader.length();
          this.traceIdStart = reader.position;
          reader.position += length;
          this.traceIdEnd = reader.position;
          break;
        }
        case 0x52: {
          const length = reader.length();
          this.spanIdStart = reader.position;
          reader.position += length;
          this.spanIdEnd = reader.position;
          break;
        }
        case 0x59:
          reader.fixed64();
          this.observedTimeLow = reader.low;
          this.observedTimeHigh = reader.high;
          break;
        case 0x62: {
          const length = reader.length();
          this.eventNameStart = reader.position;
          reader.position += length;
          this.eventNameEnd = reader.position;
          break;
        }
        // trace_id, span_id, start_time_unix_nano and end_time_unix_nano of a Span: the numbers coincide.
        case 0x0a:
        case 0x12:
        case 0x39:
        case 0x41:
          throw new OtlpError('spans were sent where log records are expected');
        default:
          reader.skip(tag);
      }
    }
    this.#readBody(bodyStart, bodyEnd);
    return true;
  }

  #readBody(start: number, end: number): void {
    const index = this.body.place(this.body.keys.intern(this.bytes, 0, 0));
    if (index < 0) return;
    this.reader.position = start;
    this.reader.end = end;
    readAnyValue(this.reader, this.body, index);
  }

  #clear(): void {
    this.timeLow = 0;
    this.timeHigh = 0;
    this.observedTimeLow = 0;
    this.observedTimeHigh = 0;
    this.traceIdStart = 0;
    this.traceIdEnd = 0;
    this.spanIdStart = 0;
    this.spanIdEnd = 0;
    this.flags = 0;
    this.severityNumber = 0;
    this.severityTextStart = 0;
    this.severityTextEnd = 0;
    this.eventNameStart = 0;
    this.eventNameEnd = 0;
    this.body.begin(this.bytes);
    this.attributes.begin(this.bytes);
    this.droppedAttributes = 0;
  }
}
