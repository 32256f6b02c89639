import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { conformanceCases } from '../../packages/instrumentation/src/testing/conformance/cases.ts';
import { collectGarbage } from '../../packages/instrumentation/src/testing/conformance/collect-garbage.ts';
import {
  anthropicMessages,
  openAiChat,
} from '../../packages/instrumentation/src/testing/conformance/model-clients.ts';
import { startModelServer } from '../../packages/instrumentation/src/testing/model-server.ts';
import { anthropicWire } from '../../packages/instrumentation/src/testing/wire/anthropic-wire.ts';
import { openAiWire } from '../../packages/instrumentation/src/testing/wire/openai-wire.ts';
import type { CaseReport, ReportedSpan } from './case-report.ts';

/*
 * node run-case.ts --subject openinference-openai --case 3 --folder /tmp/… [--bare]
 *
 * One case of the table in a process of its own, since some wrappers end it. Prints a CaseReport.
 */

const { values } = parseArgs({
  options: {
    subject: { type: 'string', default: '' },
    case: { type: 'string', default: '0' },
    folder: { type: 'string', default: '' },
    bare: { type: 'boolean', default: false },
  },
});
const row = conformanceCases[Number(values.case)];
if (row === undefined) throw new Error(`there is no case ${values.case}`);
const CALLER = 'caller';
/** How long a span may take to end once nobody holds its stream, and how long after the call is over. */
const FORGOTTEN_MILLIS = 3000;
const SETTLED_MILLIS = 1000;

/** Loads from where the subject was installed; what ours needs, from the checkout. */
const isOurs = values.subject.startsWith('spanwise-');
const requireThere = createRequire(path.join(values.folder, 'package.json'));
const requireHere = createRequire(import.meta.url);
const requireOtel = isOurs || values.bare ? requireHere : requireThere;

type Client = object;
type ClientClass = new (options: object) => Client;

interface OtelSpan {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly events: readonly { readonly attributes?: Record<string, unknown> }[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly parentSpanContext?: { readonly spanId: string };
  spanContext(): { readonly spanId: string; readonly traceId: string };
}

const api = requireOtel('@opentelemetry/api') as typeof import('@opentelemetry/api');
const ended: OtelSpan[] = [];
const processor = {
  onStart() {},
  onEnd: (span: OtelSpan) => void ended.push(span),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const provider = startProvider();

function startProvider(): object {
  const spanProcessors = [processor];
  try {
    const { NodeTracerProvider } = requireOtel('@opentelemetry/sdk-trace-node');
    const created = new NodeTracerProvider({ spanProcessors });
    created.register();
    return created;
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'MODULE_NOT_FOUND') throw thrown;
  }
  const { TracerProvider } = requireOtel('@opentelemetry/sdk-trace');
  const { AsyncLocalStorageContextManager } = requireOtel('@opentelemetry/context-async-hooks');
  const created = new TracerProvider({ spanProcessors });
  api.trace.setGlobalTracerProvider(created);
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return created;
}

/** Each as its own documentation says, with all options as they are by default. */
const setups: Readonly<Record<string, () => Promise<(client: Client) => Client>>> = {
  async 'spanwise-openai'() {
    const { wrapOpenAI } = await import('@spanwise/instrumentation');
    return wrapOpenAI;
  },
  async 'spanwise-anthropic'() {
    const { wrapAnthropic } = await import('@spanwise/instrumentation');
    return wrapAnthropic;
  },
  async 'own-anthropic'() {
    return (client) => client;
  },
  async 'opentelemetry-openai'() {
    const { OpenAIInstrumentation } = requireThere('@opentelemetry/instrumentation-openai');
    const instrumentation = new OpenAIInstrumentation();
    // What the `registerInstrumentations` of its documentation does.
    instrumentation.setTracerProvider(provider);
    instrumentation.setMeterProvider(api.metrics.getMeterProvider());
    // It patches the module as it is loaded.
    requireThere('openai');
    return (client) => client;
  },
  async 'openinference-openai'() {
    const { OpenAIInstrumentation } = requireThere('@arizeai/openinference-instrumentation-openai');
    new OpenAIInstrumentation().manuallyInstrument(requireThere('openai').default);
    return (client) => client;
  },
  async 'openllmetry-openai'() {
    const { OpenAIInstrumentation } = requireThere('@traceloop/instrumentation-openai');
    new OpenAIInstrumentation().manuallyInstrument(requireThere('openai').default);
    return (client) => client;
  },
  async 'langfuse-openai'() {
    const { observeOpenAI } = requireThere('@langfuse/openai');
    return (client) => observeOpenAI(client);
  },
  async 'openinference-anthropic'() {
    const { AnthropicInstrumentation } = requireThere('@arizeai/openinference-instrumentation-anthropic');
    new AnthropicInstrumentation().manuallyInstrument(requireThere('@anthropic-ai/sdk'));
    return (client) => client;
  },
  async 'openllmetry-anthropic'() {
    const { AnthropicInstrumentation } = requireThere('@traceloop/instrumentation-anthropic');
    new AnthropicInstrumentation().manuallyInstrument(requireThere('@anthropic-ai/sdk'));
    return (client) => client;
  },
};

const isAnthropic = values.subject.endsWith('-anthropic');
// One set of spans is asked of each: the client's own are a subject of their own, and ours takes their place.
const hasOwnSpans = values.subject === 'own-anthropic' || isOurs;
if (isAnthropic && (values.bare || !hasOwnSpans)) process.env.ANTHROPIC_OPEN_TELEMETRY = 'false';
const wrap = values.bare ? (client: Client) => client : await setups[values.subject]?.();
if (wrap === undefined) throw new Error(`there is no subject ${values.subject}`);

const server = await startModelServer(isAnthropic ? anthropicWire : openAiWire);
const modelApi = isAnthropic ? anthropicMessages : openAiChat;
const { default: ClientClass } = requireThere(isAnthropic ? '@anthropic-ai/sdk' : 'openai') as {
  default: ClientClass;
};
const origin = row.toNobody ? 'http://127.0.0.1:2' : server.origin;

/** What an instrumentation of fetch would do, without a span of its own. */
const toldParents: string[] = [];
const tellingFetch = (url: string, init: RequestInit) => {
  toldParents.push(api.trace.getSpan(api.context.active())?.spanContext().spanId ?? '');
  return fetch(url, init);
};
const client = wrap(
  new ClientClass({ apiKey: 'key', baseURL: modelApi.baseUrl(origin), fetch: tellingFetch }),
);
const tracer = api.trace.getTracer('application');

let outcome: string;
try {
  const result = await row.run((request = {}, options) => modelApi.create(client, request, options), {
    within: (fn) =>
      tracer.startActiveSpan(CALLER, (span) => {
        const result = fn();
        Promise.resolve(result).finally(() => span.end());
        return result;
      }),
    async collect() {
      const deadline = Date.now() + (values.bare ? 50 : FORGOTTEN_MILLIS);
      while (modelSpans().length === 0 && Date.now() < deadline) {
        collectGarbage();
        await pause(10);
      }
    },
  });
  outcome = JSON.stringify(result ?? null);
} catch (thrown) {
  outcome = `threw ${(thrown as Error).name}: ${(thrown as Error).message}`;
}
// A wrapper may read on in the background.
const settled = Date.now() + (values.bare ? 0 : SETTLED_MILLIS);
while (modelSpans().length < (row.calls ?? 1) && Date.now() < settled) await pause(10);
await pause(50);

const callerId = ended.find(({ name }) => name === CALLER)?.spanContext().spanId;
const report: CaseReport = {
  outcome,
  spans: modelSpans().map(
    (span): ReportedSpan => ({
      name: span.name,
      attributes: span.attributes,
      eventAttributes: span.events.map(({ attributes = {} }) => attributes),
      isError: span.status.code === 2,
      statusMessage: span.status.message ?? '',
      isBelowCaller:
        span.parentSpanContext?.spanId !== undefined && span.parentSpanContext.spanId === callerId,
      isToldToServer: toldParents.includes(span.spanContext().spanId),
    }),
  ),
};
process.stdout.write(`${JSON.stringify(report)}\n`, async () => {
  await server.close();
  // What an unhandled rejection would do to the process, it has done by now.
  process.exit();
});

function modelSpans(): OtelSpan[] {
  return ended.filter(({ name }) => name !== CALLER);
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
