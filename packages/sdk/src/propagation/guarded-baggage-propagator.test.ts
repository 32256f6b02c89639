import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { wrapMcpClient } from '@spanwise/instrumentation';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GuardedBaggagePropagator } from './guarded-baggage-propagator.ts';

afterEach(() => vi.unstubAllEnvs());

const tracer = new TracerProvider().getTracer('t');
const baggage = propagation.createBaggage({
  'gen_ai.conversation.id': { value: 'c-17' },
  'enduser.pseudo.id': { value: 'ab12' },
  team: { value: 'search' },
});

function sentTo(address: string | undefined, kind = SpanKind.CLIENT): string | undefined {
  const attributes = address === undefined ? {} : { 'server.address': address };
  const span = tracer.startSpan('GET', { kind, attributes }, ROOT_CONTEXT);
  const carrier: Record<string, string> = {};
  const active = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, span), baggage);
  new GuardedBaggagePropagator().inject(active, carrier, defaultTextMapSetter);
  return carrier.baggage;
}

const ALL = 'gen_ai.conversation.id=c-17,enduser.pseudo.id=ab12,team=search';

describe('ids of conversation and user', () => {
  it.each([
    'llm-proxy',
    'llm-proxy.agent-system.svc.cluster.local',
    'db.internal',
    'localhost',
    '127.0.0.1',
    '10.2.3.4',
    '172.31.0.1',
    '[::1]',
    'fd12::1',
  ])('go to %s', (host) => {
    expect(sentTo(host)).toBe(ALL);
  });

  it.each([
    'api.openai.com',
    '8.8.8.8',
    '172.32.0.1',
    'fcgi.example.com',
    'evil.local.example.com',
    '2606:4700::1',
    undefined,
  ])('do not go to %s, other baggage does', (host) => {
    expect(sentTo(host)).toBe('team=search');
  });

  it('go where SPANWISE_BAGGAGE_HOSTS says', () => {
    vi.stubEnv('SPANWISE_BAGGAGE_HOSTS', 'gateway.example.com,.partner.example');
    expect(sentTo('gateway.example.com')).toBe(ALL);
    expect(sentTo('a.partner.example')).toBe(ALL);
    expect(sentTo('example.com')).toBe('team=search');
  });

  it('go along inside the process', () => {
    expect(sentTo(undefined, SpanKind.INTERNAL)).toBe(ALL);
    const carrier: Record<string, string> = {};
    new GuardedBaggagePropagator().inject(
      propagation.setBaggage(context.active(), baggage),
      carrier,
      defaultTextMapSetter,
    );
    expect(carrier.baggage).toBe(ALL);
  });
});

describe('baggage that no header may hold', () => {
  it.each(['\0', '\n', 'ü', '€', '\ud800'])('is dropped on the way in, the rest goes on: %j', (character) => {
    const header = `team=search;a=${character},x=${character},conversation=c`;
    const propagator = new GuardedBaggagePropagator();
    const extracted = propagator.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter);
    const carrier: Record<string, string> = {};
    propagator.inject(extracted, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({ baggage: 'conversation=c' });
  });

  it('fails nothing on the way out', () => {
    const halfAPair = propagation.createBaggage({ name: { value: '\ud800' } });
    const carrier = {};
    const active = propagation.setBaggage(ROOT_CONTEXT, halfAPair);
    new GuardedBaggagePropagator().inject(active, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
  });
});

describe('an MCP server that gets them in `_meta`', () => {
  /** What the protocol sees of a transport over HTTP. */
  class HttpTransport {
    readonly _url: URL;
    sent: { params?: { _meta?: { baggage?: string } } } | undefined;
    onmessage = () => {};
    constructor(host: string) {
      this._url = new URL(`https://${host}/mcp`);
    }
    async send(message: object): Promise<void> {
      this.sent = message;
    }
  }

  it.each([
    ['tools.agent-system.svc', ALL],
    ['mcp.example.com', 'team=search'],
  ])('is one of the own network: %s', async (host, expected) => {
    trace.setGlobalTracerProvider(new TracerProvider());
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(
      new CompositePropagator({
        propagators: [new W3CTraceContextPropagator(), new GuardedBaggagePropagator()],
      }),
    );
    const transport = new HttpTransport(host);
    await wrapMcpClient({ connect: async (_transport: object) => {} }).connect(transport);
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      transport.send({ id: 1, method: 'tools/call', params: { name: 'look' } }),
    );
    expect(transport.sent?.params?._meta?.baggage).toBe(expected);
  });
});
