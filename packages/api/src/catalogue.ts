import { z } from 'zod';
import { list, named, shape } from './shape.ts';

export const spanKindName = named(
  'SpanKindName',
  z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
);
export type SpanKindName = z.output<typeof spanKindName>;

/** GET /api/v1/services */
export const servicesResponse = named(
  'ServicesResponse',
  shape({
    services: list(z.string()).describe(
      'The catalogue: in the order in which they were first heard of, so that a place, and its colour, stays.',
    ),
  }),
);
export type ServicesResponse = z.output<typeof servicesResponse>;

/** GET /api/v1/operations?service= */
export const operationsResponse = named(
  'OperationsResponse',
  shape({ operations: list(shape({ name: z.string(), kind: spanKindName })) }),
);
export type OperationsResponse = z.output<typeof operationsResponse>;

/** GET /api/v1/attributes */
export const attributesResponse = named(
  'AttributesResponse',
  shape({
    attributes: list(
      shape({
        key: z.string(),
        level: z.enum(['span', 'resource', 'scope', 'event', 'link', 'log']),
      }),
    ).describe('By key, then level.'),
    truncated: z.boolean().describe('There are more than these.'),
  }),
);
export type AttributesResponse = z.output<typeof attributesResponse>;
