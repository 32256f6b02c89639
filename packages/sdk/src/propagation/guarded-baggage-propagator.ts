import {
  type Context,
  propagation,
  type Span,
  SpanKind,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { getStringListFromEnv, W3CBaggagePropagator } from '@opentelemetry/core';
import { conversationBaggageKeys } from '@spanwise/instrumentation';
import { attributeKey } from '@spanwise/semconv';
import { isOwnHost } from './own-host.ts';

/**
 * W3C baggage in and out, but the ids of conversation and user leave only for hosts of the own network
 * (`SPANWISE_BAGGAGE_HOSTS` adds others): a model provider has no business with them. The host is that of the
 * CLIENT span that the headers are made for; a client that does not say its host is taken for one outside.
 */
export class GuardedBaggagePropagator implements TextMapPropagator {
  readonly #inner = new W3CBaggagePropagator();
  readonly #allowed: readonly string[] = getStringListFromEnv('SPANWISE_BAGGAGE_HOSTS') ?? [];

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    try {
      this.#inner.inject(this.#guard(context), carrier, setter);
    } catch {
      // A value that has no percent-encoding (half of a surrogate pair) must not fail the request it goes with.
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.#inner.extract(context, carrier, {
      keys: (of) => getter.keys(of),
      get(of, key) {
        const value = getter.get(of, key);
        return typeof value === 'string' ? onlyHeaderText(value) : value?.map(onlyHeaderText);
      },
    });
  }

  fields(): string[] {
    return this.#inner.fields();
  }

  #guard(context: Context): Context {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || !leavesProcess(trace.getSpan(context))) return context;
    if (!conversationBaggageKeys.some((key) => baggage.getEntry(key) !== undefined)) return context;
    const host = hostOf(trace.getSpan(context));
    if (host !== undefined && isOwnHost(host, this.#allowed)) return context;
    return propagation.setBaggage(context, baggage.removeEntries(...conversationBaggageKeys));
  }
}

const HEADER_TEXT = /^[\x20-\x7e]*$/;

/**
 * The members that may stand in a header. Carriers that are none, as MCP's `_meta` or a queue's message, may
 * bring any text; sent on as it is, it would make Node.js refuse the next request.
 */
function onlyHeaderText(baggage: string): string {
  if (HEADER_TEXT.test(baggage)) return baggage;
  return baggage
    .split(',')
    .filter((member) => HEADER_TEXT.test(member))
    .join(',');
}

/** Fields of the SDK's spans, which the API does not show. */
interface RecordedSpan {
  readonly kind?: SpanKind;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Without a span of a client there is no host: the context is handed to a worker, a job, a test. */
function leavesProcess(span: Span | undefined): boolean {
  if (span === undefined) return false;
  const { kind } = span as RecordedSpan;
  // A span that is not recorded has no kind to go by.
  return kind === undefined || kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER;
}

function hostOf(span: Span | undefined): string | undefined {
  const address = (span as RecordedSpan | undefined)?.attributes?.[attributeKey.serverAddress];
  return typeof address === 'string' ? address : undefined;
}
