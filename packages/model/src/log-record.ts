import type { Attributes, AttributeValue } from './attributes.ts';
import type { SpanId, TraceId } from './ids.ts';
import type { UnixNano } from './time.ts';
import type { InstrumentationScope, Resource } from './trace.ts';

/** An independent record that may carry trace context. (logs.proto, LogRecord.) */
export interface LogRecord {
  readonly timeUnixNano: UnixNano;
  readonly observedTimeUnixNano: UnixNano;
  readonly traceId?: TraceId;
  readonly spanId?: SpanId;
  readonly flags: number;
  /** 1 to 24; 0 is unspecified. 9 is INFO, 13 WARN, 17 ERROR. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: AttributeValue;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly warnings: readonly string[];
}
