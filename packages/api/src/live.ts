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

export const tailHello = named(
  'TailHello',
  shape({
    ingestSeq: z.string().describe('Matches in segments after this one follow.'),
    missed: z.boolean(),
  }),
  'First event of GET /api/v1/tail. A connection that comes back with `Last-Event-ID` goes on after that segment; `missed` says that its id was none of ours, so that it goes on from now.',
);
export type TailHello = z.output<typeof tailHello>;

/** GET /api/v1/tail */
export const tailProgress = named(
  'TailProgress',
  shape({
    ingestSeq: z.string().describe('All matches up to this segment were sent or counted.'),
    dropped: z
      .number()
      .describe(
        'Matches since the last progress that were counted and not sent; -1: not even counted, because looking took too long.',
      ),
  }),
  'Last event of a round; its id is what to come back with.',
);
export type TailProgress = z.output<typeof tailProgress>;
