import { z } from 'zod';
import { list, named, shape } from './shape.ts';

export const liveHello = named(
  'LiveHello',
  shape({ missed: z.boolean() }),
  'First event of GET /api/v1/live. A connection that comes back with `Last-Event-ID` gets the events in between; `missed` says that some are no longer known, or that its id was never one of ours.',
);
export type LiveHello = z.output<typeof liveHello>;

/** GET /api/v1/live */
export const storedEvent = named(
  'StoredEvent',
  shape({
    ingestSeq: z.string(),
    traceIds: list(z.string()).describe(
      'Trace ids touched, at most 200; `truncated` says that there were more.',
    ),
    truncated: z.boolean(),
  }),
);
export type StoredEvent = z.output<typeof storedEvent>;
