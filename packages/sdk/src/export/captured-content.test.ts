import { createHmac } from 'node:crypto';
import { context, DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { type CaptureOptions, configureCapture, traced } from '@spanwise/instrumentation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gateSpan } from './gate-span.ts';

const CANARY = 'canary-41d7 is what the user said';
const KEY = 'a key of sixteen';

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(
  new TracerProvider({
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => exporter.export([gateSpan(span)], () => {}),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const warnings: string[] = [];
beforeEach(() => {
  exporter.reset();
  warnings.length = 0;
  const ignore = () => {};
  const warn = (...message: unknown[]) => warnings.push(message.join(' '));
  diag.setLogger(
    { warn, error: warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => {
  configureCapture({ content: 'none' });
  vi.unstubAllEnvs();
});

/** An agent that calls a model and a tool, each of which hands over what it said. */
function converse(options: CaptureOptions): Record<string, Record<string, unknown>> {
  configureCapture(options);
  traced.agent({ name: 'support' }, (agent) => {
    agent.recordContent({ input: () => CANARY });
    traced.llm({ model: 'gpt-4o', provider: 'openai' }, (span) => {
      span.recordContent({ output: () => [{ role: 'assistant', content: CANARY }] });
    });
    traced.tool({ name: 'calculator' }, (span) => {
      span.recordContent({ toolArguments: () => ({ question: CANARY }) });
    });
  });
  return Object.fromEntries(
    exporter.getFinishedSpans().map(({ name, attributes }) => [name, { ...attributes }]),
  );
}

describe('content that is handed over', () => {
  it.each(['none', 'strict', undefined, 'everything', 'agent:another=full'])(
    'in mode %s is not even read',
    (content) => {
      configureCapture({ content });
      const message = {
        get content(): string {
          throw new Error('touched');
        },
      };
      let calls = 0;
      const input = () => {
        calls += 1;
        return message.content;
      };
      traced.agent({ name: 'support' }, (span) => {
        span.recordContent({ input });
      });
      expect(calls).toBe(0);
      expect(JSON.stringify(exporter.getFinishedSpans()[0]?.attributes)).not.toContain('touched');
    },
  );

  it('in mode full is kept where the rules say so, and nowhere else', () => {
    const spans = converse({ content: 'none,model:gpt-4o=full' });
    expect(spans['chat gpt-4o']?.['gen_ai.output.messages']).toContain(CANARY);
    expect(JSON.stringify([spans['invoke_agent support'], spans['execute_tool calculator']])).not.toContain(
      CANARY,
    );
  });

  it('follows the agent into its tools, and a stricter rule of the tool wins', () => {
    expect(
      converse({ content: 'agent:support=full' })['execute_tool calculator']?.['gen_ai.tool.call.arguments'],
    ).toContain(CANARY);
    exporter.reset();
    const spans = converse({ content: 'agent:support=full,tool:calculator=none' });
    expect(JSON.stringify(spans['execute_tool calculator'])).not.toContain(CANARY);
  });

  it('in mode hash is an HMAC and a length', () => {
    const spans = converse({ content: 'hash', key: KEY });
    expect(spans['invoke_agent support']).toMatchObject({
      'spanwise.content.input.hmac': createHmac('sha256', KEY).update(CANARY).digest('hex'),
      'spanwise.content.input.length': CANARY.length,
    });
    expect(JSON.stringify(spans)).not.toContain('canary');
  });

  it.each([undefined, 'short'])('in mode hash with the key %s is not captured, and that is said', (key) => {
    vi.stubEnv('SPANWISE_CONTENT_KEY', undefined);
    expect(JSON.stringify(converse({ content: 'hash', key }))).not.toMatch(/canary|hmac/);
    expect(warnings).toEqual([expect.stringContaining('SPANWISE_CONTENT_KEY')]);
  });

  it('opens no door for what others set under the same key', () => {
    configureCapture({ content: 'full', mask: () => 'masked' });
    traced.agent({ name: 'support' }, (span) => {
      span.recordContent({ input: () => CANARY });
      trace.getActiveSpan()?.setAttributes({
        'gen_ai.input.messages': CANARY,
        'gen_ai.output.messages': CANARY,
      });
    });
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes['gen_ai.input.messages']).toBe('masked');
    expect(JSON.stringify(span?.attributes)).not.toContain('canary');
  });
});

describe('a mask', () => {
  it('decides what is kept', () => {
    const spans = converse({ content: 'full', mask: (text) => text.replace(/canary-\S+/, '***') });
    expect(spans['invoke_agent support']?.['gen_ai.input.messages']).toBe('*** is what the user said');
  });

  it.each<[string, CaptureOptions]>([
    [
      'that throws',
      {
        mask: (text) => {
          throw new Error(text);
        },
      },
    ],
    ['that gives no text', { mask: (() => undefined) as unknown as () => string }],
    ['that gives a promise', { mask: (async (text: string) => text) as unknown as () => string }],
    ['that takes too long', { mask: (text) => text, maskTimeoutMillis: -1 }],
  ])('%s drops the content, and its words are in no diagnostic', (_, options) => {
    expect(JSON.stringify(converse({ content: 'full', ...options }))).not.toContain('canary');
    expect(warnings.join(' ')).not.toContain('canary');
  });
});

describe('no failure carries content out', () => {
  it.each(['none', 'strict', 'hash', 'agent:other=full'])('in mode %s', (content) => {
    configureCapture({ content, key: KEY });
    class Canary extends Error {}
    const failing = () => {
      throw new Canary(CANARY, { cause: CANARY });
    };
    expect(() =>
      traced.agent({ name: 'a' }, (span) => {
        span.recordContent({ input: failing, output: () => ({ toJSON: failing }) });
        failing();
      }),
    ).toThrow(Canary);
    for (const span of exporter.getFinishedSpans()) {
      expect(JSON.stringify([span.name, span.attributes, span.events, span.status])).not.toContain('canary-');
    }
    expect(warnings.join(' ')).not.toContain('canary-');
  });

  it('in mode strict the side doors of every span are closed', () => {
    configureCapture({ content: 'strict' });
    const span = trace.getTracer('somebody').startSpan('GET /');
    span.recordException(new Error(CANARY));
    span.setStatus({ code: 2, message: CANARY });
    span.setAttributes({ note: CANARY, 'url.query': `q=${CANARY}`, short: 'kept' });
    span.end();
    const [ended] = exporter.getFinishedSpans();
    expect(JSON.stringify([ended?.events, ended?.status, ended?.attributes])).not.toContain('canary');
    expect(ended?.attributes.short).toBe('kept');
  });
});

it('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is heard where our own variable is silent', () => {
  vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'span_only');
  expect(JSON.stringify(converse({}))).toContain('canary');
  exporter.reset();
  vi.stubEnv('SPANWISE_CAPTURE_CONTENT', 'none');
  expect(JSON.stringify(converse({}))).not.toContain('canary');
});

it('a slip is told once, without its words', () => {
  configureCapture({ content: `full,${CANARY}` });
  converse({ content: `full,${CANARY}` });
  expect(warnings.length).toBeLessThanOrEqual(2);
  expect(warnings[0]).toContain('not known');
  expect(warnings.join(' ')).not.toContain('canary');
  expect(JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain(
    'canary',
  );
});
