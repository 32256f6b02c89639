import { z } from 'zod';
import { attributeDto } from './attributes.ts';
import { spanKindName } from './catalogue.ts';
import { list, named, shape } from './shape.ts';

export const spanDto = named(
  'SpanDto',
  shape({
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string().exactOptional(),
    name: z.string(),
    kind: spanKindName,
    startTimeUnixNano: z.string(),
    durationNanos: z.number(),
    status: z.enum(['unset', 'ok', 'error']),
    statusMessage: z.string(),
    traceState: z.string(),
    service: z.string(),
    resource: list(attributeDto),
    scope: shape({ name: z.string(), version: z.string(), attributes: list(attributeDto) }),
    attributes: list(attributeDto),
    events: list(shape({ timeUnixNano: z.string(), name: z.string(), attributes: list(attributeDto) })),
    links: list(shape({ traceId: z.string(), spanId: z.string(), attributes: list(attributeDto) })),
    warnings: list(z.string()),
  }),
);
export type SpanDto = z.output<typeof spanDto>;

/** GET /api/v1/traces/{traceId}/spans?ids=a,b,c (1 to 200) */
export const spansResponse = named('SpansResponse', shape({ spans: list(spanDto) }));
export type SpansResponse = z.output<typeof spansResponse>;
