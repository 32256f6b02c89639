import { z } from 'zod';
import { list, named, shape } from './shape.ts';

export const partStatus = named(
  'PartStatus',
  z.enum(['StatusStarting', 'StatusOK', 'StatusRecoverableError', 'StatusStopping']),
  "How a part of the server is, as the reference collector's health check names it (healthcheckv2).",
);
export type PartStatus = z.output<typeof partStatus>;

export const systemPart = named(
  'SystemPart',
  shape({ status: partStatus, reason: z.string().exactOptional() }),
);
export type SystemPart = z.output<typeof systemPart>;

export const countsByReason = named('CountsByReason', z.record(z.string(), z.number()).readonly());
export type CountsByReason = z.output<typeof countsByReason>;

export const durationSummary = named(
  'DurationSummary',
  shape({ count: z.number(), meanMillis: z.number(), p50Millis: z.number(), p99Millis: z.number() }),
  'Percentiles are read from buckets, so they are good to a factor of about two.',
);
export type DurationSummary = z.output<typeof durationSummary>;

export const signalCounts = named(
  'SignalCounts',
  shape({
    received: z.number(),
    accepted: z.number(),
    repeated: z.number().describe('Sent again, stored before.'),
    rejected: countsByReason.describe('Not to be sent again.'),
    refused: countsByReason.describe('To be sent again.'),
  }),
  'Of spans, or of log records: received = accepted + repeated + rejected + refused.',
);
export type SignalCounts = z.output<typeof signalCounts>;

/** GET /api/v1/status */
export const statusResponse = named(
  'StatusResponse',
  shape({
    version: z.string(),
    engine: shape({ kind: z.string(), state: z.string(), restarts: z.number() }),
    spool: shape({ bytes: z.number(), segments: z.number() }),
    accepted: shape({ spans: z.number(), logs: z.number() }),
    endpoints: shape({ otlpGrpc: z.string(), otlpHttp: z.string() }).describe('Where senders reach us.'),
    content: z.string(),
  }),
);
export type StatusResponse = z.output<typeof statusResponse>;

/** GET /api/v1/system */
export const systemResponse = named(
  'SystemResponse',
  shape({
    version: z.string(),
    startedAtMillis: z.number().describe('Unix milliseconds.'),
    status: partStatus,
    reason: z.string().exactOptional().describe('Why, when `status` is not `StatusOK`.'),
    warnings: list(z.string()).describe('What somebody should look at, though nothing waits for it.'),
    receivers: shape({
      ...systemPart.unwrap().shape,
      spans: signalCounts,
      logs: signalCounts,
      refusedRequests: countsByReason.describe(
        'Requests refused before it was known what was in them, by reason.',
      ),
      bytesInFlight: z.number(),
      decodeQueue: z.number().describe('Requests that wait to be decoded.'),
    }),
    spool: shape({
      ...systemPart.unwrap().shape,
      bytes: z.number().describe('Acknowledged and not yet in the tables.'),
      maxBytes: z.number(),
      segments: z.number(),
      oldestAgeMillis: z.number(),
      waitingRequests: z.number().describe('Requests that wait for a write.'),
      commits: durationSummary.describe('Of a group of requests: write and sync.'),
      quarantined: shape({
        segments: z.number(),
        rows: z.number().describe('Of the segments where it is known.'),
        listed: list(
          shape({
            name: z.string(),
            rowCount: z.number().exactOptional().describe('Absence: nobody knows.'),
            reason: z.string(),
          }),
        ).describe('The newest of them, at most 100, oldest first.'),
      }).describe("Rows that can't be stored or read."),
    }),
    engine: shape({
      ...systemPart.unwrap().shape,
      kind: z.string(),
      restarts: z.number(),
      insertedRows: z.number(),
      inserts: durationSummary.describe('Of a segment: insert and proof.'),
      queries: list(shape({ ...durationSummary.unwrap().shape, route: z.string() })).describe(
        'By route, most often asked first.',
      ),
    }),
    process: shape({
      residentBytes: z.number(),
      cpuSeconds: z.number().describe('Of user and system together.'),
      eventLoopDelayMillis: shape({ p50: z.number(), p99: z.number() }).describe(
        'How late timers were of late.',
      ),
    }),
  }),
);
export type SystemResponse = z.output<typeof systemResponse>;
