import {
  type AttributeValue,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanLink,
  statusCodes,
} from '@spanwise/model';
import { jaegerSpanKind } from './tags.ts';

/*
 * What Jaeger's own model, which has no place for kind, status or scope, says in tags: the same for its JSON and its
 * protobuf. (opentelemetry-collector-contrib, pkg/translator/jaeger, traces_to_jaegerproto.go.)
 */

export type TagEntry = readonly [key: string, value: AttributeValue];

/** In this order: scope, attributes, kind, status, trace state. The attributes of the scope are lost. */
export function spanTagEntries(span: Span): TagEntry[] {
  const { scope, statusCode } = span;
  return [
    ...textEntry('otel.scope.name', scope.name),
    ...textEntry('otel.scope.version', scope.version),
    ...span.attributes,
    ...textEntry('span.kind', jaegerSpanKind(span.kind)),
    ...(statusCode === statusCodes.ok ? ([['otel.status_code', 'OK']] as const) : []),
    ...(statusCode === statusCodes.error ? errorEntries : []),
    ...textEntry('otel.status_description', span.statusMessage),
    ...textEntry('w3c.tracestate', span.traceState),
  ];
}

const errorEntries = [
  ['otel.status_code', 'ERROR'],
  ['error', true],
] as const;

/** The event's name first, unless an attribute has its place. */
export function eventFieldEntries(event: SpanEvent): TagEntry[] {
  const name = event.attributes.has('event') ? [] : textEntry('event', event.name);
  return [...name, ...event.attributes];
}

/** Without `service.name`, which a process has a field for. */
export function processTagEntries(resource: Resource): TagEntry[] {
  return [...resource.attributes].filter(([key]) => key !== 'service.name');
}

export function linkRefType(link: SpanLink): 'CHILD_OF' | 'FOLLOWS_FROM' {
  return link.attributes.get('opentracing.ref_type') === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM';
}

function textEntry(key: string, value: string): readonly TagEntry[] {
  return value === '' ? [] : [[key, value]];
}
