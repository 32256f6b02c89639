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
