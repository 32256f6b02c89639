import { z } from 'zod';
import { attributeDto, attributeValueDto } from './attributes.ts';
import { list, named, shape } from './shape.ts';

export const logRecordDto = named(
  'LogRecordDto',
  shape({
    timeUnixNano: z.string(),
    traceId: z.string().exactOptional(),
    spanId: z.string().exactOptional(),
    severityNumber: z.number(),
    severityText: z.string(),
    service: z.string(),
    body: attributeValueDto,
    attributes: list(attributeDto),
  }),
);
export type LogRecordDto = z.output<typeof logRecordDto>;

/** GET /api/v1/traces/{traceId}/logs?limit= (1 to 5000, default 1000), by time. */
export const logsResponse = named('LogsResponse', shape({ logs: list(logRecordDto) }));
export type LogsResponse = z.output<typeof logsResponse>;

/** GET /api/v1/logs */
export const logSearchResponse = named(
  'LogSearchResponse',
  shape({
    logs: list(logRecordDto),
    older: z
      .string()
      .exactOptional()
      .describe(
        'As `cursor`, with the other parameters unchanged: the next page in this direction. Absent at the end.',
      ),
    newer: z
      .string()
      .exactOptional()
      .describe(
        'The same in the other direction, to ask for what arrives later too. Absent only where `logs` is empty.',
      ),
  }),
);
export type LogSearchResponse = z.output<typeof logSearchResponse>;

/** POST /api/v1/logs/ingest?service= */
export const logIngestResponse = named(
  'LogIngestResponse',
  shape({
    accepted: z.number(),
    rejected: z.number(),
    message: z.string().exactOptional().describe('Why some were rejected.'),
  }),
);
export type LogIngestResponse = z.output<typeof logIngestResponse>;
