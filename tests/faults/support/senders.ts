import { setTimeout as delay } from 'node:timers/promises';
import { type Context, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { sendUntilAcknowledged, spansRequest } from '../../support/otlp.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A trace grows by this many requests, so that traces span crashes. */
const requestsPerTrace = 50;

export interface Senders {
  /** Requests acknowledged so far. */
  readonly acknowledged: number;
  /** Waits for that many further requests to be acknowledged. */
  acknowledgeMore(count: number): Promise<void>;
  /** Every sender gets its last request through; then gives all ids, `<trace id>/<span id>`. */
  finish(): Promise<readonly string[]>;
  /** What was acknowledged until now; nothing more is sent. */
  abandon(): Promise<readonly string[]>;
}

export interface SenderOptions {
  readonly count: number;
  readonly spansPerRequest: number;
  /** Between two requests of a sender: a load, not a flood. */
  readonly pauseMillis: number;
}

/** Senders that send each request again until it is acknowledged, as exporters do. */
export function startSenders(otlpHttp: string, options: SenderOptions): Senders {
  const acknowledged: (readonly string[])[] = [];
  const aborted = new AbortController();
  let finishing = false;
  const sender = async (name: string) => {
    let parent = ROOT_CONTEXT;
    for (let count = 0; !finishing; count++) {
      if (count % requestsPerTrace === 0) parent = ROOT_CONTEXT;
      const request = spansRequest(name, (tracer) => {
        parent = recordWork(tracer, parent, options.spansPerRequest);
      });
      await sendUntilAcknowledged(otlpHttp, request, aborted.signal);
      acknowledged.push(request.ids);
      await delay(options.pauseMillis);
    }
  };
  const running = Array.from({ length: options.count }, (_, index) => sender(`sender-${index}`));
  const ids = () => acknowledged.flat();
  return {
    get acknowledged() {
      return acknowledged.length;
    },
    acknowledgeMore: async (count) => {
      const target = acknowledged.length + count;
      await waitFor(`${count} more acknowledged requests`, () => acknowledged.length >= target, {
        timeoutMillis: 60_000,
      });
    },
    finish: async () => {
      finishing = true;
      const timer = setTimeout(() => aborted.abort(), 60_000);
      await Promise.all(running);
      clearTimeout(timer);
      return ids();
    },
    abandon: async () => {
      finishing = true;
      aborted.abort();
      await Promise.allSettled(running);
      return ids();
    },
  };
}

/** Spans of one trace; gives the context in which the trace goes on. */
function recordWork(tracer: Tracer, parent: Context, count: number): Context {
  let context = parent;
  for (let index = 0; index < count; index++) {
    const span = tracer.startSpan(`work ${index}`, {}, context);
    if (context === ROOT_CONTEXT) context = trace.setSpan(ROOT_CONTEXT, span);
    span.end();
  }
  return context;
}
