import type { Resource, Span, SpanEvent, SpanLink, Trace } from '@spanwise/model';
import { nanosPerMicro, type UnixNano } from '@spanwise/model';
import { eventFieldEntries, linkRefType, processTagEntries, spanTagEntries } from './span-tags.ts';
import { toJaegerTags } from './tags.ts';
import { formatJaegerTraceId } from './trace-id.ts';
import type { JaegerLog, JaegerProcess, JaegerReference, JaegerSpan, JaegerTrace } from './types.ts';

/**
 * A trace in Jaeger's legacy JSON. What is below a microsecond is cut, and the attributes of scopes and links are
 * lost: the form has no place for them.
 *
 * Gives: spans in the trace's order; duplicates stay. `JSON.stringify` takes every value.
 * Cost: O(attributes). Processes are told apart by content, so that a reader may hand out a `Resource` per span.
 * Source: jaegertracing/jaeger v2.20, jaegerquery/internal/otlp_translator.go. Differences: README.md.
 */
export function toJaegerTrace(trace: Trace): JaegerTrace {
  const traceID = formatJaegerTraceId(trace.traceId);
  const processes = new ProcessTable();
  const spans = trace.spans.map((span) => toJaegerSpan(span, traceID, processes.keyOf(span.resource)));
  return { traceID, spans, processes: processes.entries(), warnings: null };
}

function toJaegerSpan(span: Span, traceID: string, processID: string): JaegerSpan {
  return {
    traceID,
    spanID: span.spanId,
    ...(span.flags === 0 ? {} : { flags: span.flags }),
    operationName: span.name,
    references: references(span, traceID),
    startTime: toMicros(span.startTimeUnixNano),
    duration: Math.trunc(span.durationNanos / nanosPerMicro),
    tags: toJaegerTags(spanTagEntries(span)),
    logs: span.events.map(toJaegerLog),
    processID,
    warnings: span.warnings.length > 0 ? span.warnings : null,
  };
}

/** Exact: microseconds since the epoch fit a double until the year 2255. */
function toMicros(time: UnixNano): number {
  return Number(time / BigInt(nanosPerMicro));
}

/** The parent stands first: readers take it from there. */
function references(span: Span, traceID: string): JaegerReference[] {
  const parent: JaegerReference[] =
    span.parentSpanId === undefined ? [] : [{ refType: 'CHILD_OF', traceID, spanID: span.parentSpanId }];
  return [...parent, ...span.links.map(toJaegerReference)];
}

function toJaegerReference(link: SpanLink): JaegerReference {
  return { refType: linkRefType(link), traceID: formatJaegerTraceId(link.traceId), spanID: link.spanId };
}

function toJaegerLog(event: SpanEvent): JaegerLog {
  return { timestamp: toMicros(event.timeUnixNano), fields: toJaegerTags(eventFieldEntries(event)) };
}

class ProcessTable {
  readonly #processes: JaegerProcess[] = [];
  readonly #keyByResource = new Map<Resource, string>();
  readonly #keyByContent = new Map<string, string>();

  keyOf(resource: Resource): string {
    const known = this.#keyByResource.get(resource);
    if (known !== undefined) return known;
    const process: JaegerProcess = {
      serviceName: resource.serviceName,
      tags: toJaegerTags(processTagEntries(resource)),
    };
    const content = JSON.stringify(process);
    let key = this.#keyByContent.get(content);
    if (key === undefined) {
      key = `p${this.#processes.push(process)}`;
      this.#keyByContent.set(content, key);
    }
    this.#keyByResource.set(resource, key);
    return key;
  }

  entries(): Record<string, JaegerProcess> {
    return Object.fromEntries(this.#processes.map((process, index) => [`p${index + 1}`, process]));
  }
}
