import { z } from 'zod';
import { list, named, shape } from './shape.ts';

/** GET /api/v1/instrumentation */
export const instrumentationResponse = named(
  'InstrumentationResponse',
  shape({
    startMillis: z.number(),
    endMillis: z.number(),
    flaws: list(
      shape({
        service: z.string(),
        what: z.enum([
          'resource_missing',
          'content',
          'old_key',
          'dropped_by_sdk',
          'over_limit',
          'corrected',
          'broken_parent',
          'clock_skew',
          'repeated_span_id',
        ]),
        detail: z
          .string()
          .exactOptional()
          .describe('Which one: a key, a part of the span, a correction. Absent where there is one kind.'),
        count: z.number().describe('Spans and log records; of `content`, values.'),
        sinceMillis: z
          .number()
          .describe(
            'The first one in the window: Unix milliseconds of its arrival, or of the start of its trace.',
          ),
        lastMillis: z.number(),
        traceId: z.string().exactOptional().describe('A trace that has it.'),
        problem: z.string().describe('What is wrong, in a sentence.'),
        change: z.string().describe('What to change, in a sentence.'),
      }),
    ).describe('By service, then kind, most often first.'),
    truncated: z.boolean().describe('There are more than the 1,000 that are given.'),
  }),
  'Flaws of how services send, of traces and requests of the window.',
);
export type InstrumentationResponse = z.output<typeof instrumentationResponse>;
