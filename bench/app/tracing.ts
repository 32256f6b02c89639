import { createRequire } from 'node:module';
import path from 'node:path';
import { setupTracing, traced, wrapOpenAI } from '@spanwise/sdk';
import type { Variant } from './variants.ts';

/** What others are installed into, and the `openai` that all use. */
export const toolsFolder = path.join(import.meta.dirname, '../../tools/app-bench');
const requireThere = createRequire(path.join(toolsFolder, 'package.json'));

type Step = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface Tracing {
  wrap<Client extends object>(client: Client): Client;
  readonly agent: Step;
  readonly retrieval: Step;
  readonly tool: Step;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

const untraced: Tracing = {
  wrap: (client) => client,
  agent: (work) => work(),
  retrieval: (work) => work(),
  tool: (work) => work(),
  forceFlush: async () => {},
  shutdown: async () => {},
};

/** Must be called before `node:http` and `openai` are loaded. */
export function startTracing({ id, tracing, hasSteps }: Variant): Tracing {
  if (tracing === 'none') return untraced;
  if (tracing !== 'spanwise') return startOthers(tracing);
  const set = setupTracing(id);
  return {
    ...untraced,
    ...(hasSteps === true && {
      agent: (work) => traced.agent({ name: 'support' }, work),
      retrieval: (work) => traced.retrieval({ dataSourceId: 'handbook' }, work),
      tool: (work) => traced.tool({ name: 'lookup_order' }, work),
    }),
    wrap: (client) => wrapOpenAI(client),
    forceFlush: () => set.forceFlush(),
    shutdown: () => set.shutdown(),
  };
}

/** As their READMEs say: the SDK with its defaults, HTTP and undici, and the wrapper in question. */
function startOthers(tracing: 'opentelemetry' | 'openllmetry' | 'langfuse'): Tracing {
  const api = requireThere('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const { BatchSpanProcessor, TracerProvider } = requireThere(
    '@opentelemetry/sdk-trace',
  ) as typeof import('@opentelemetry/sdk-trace');
  const { AsyncLocalStorageContextManager } = requireThere(
    '@opentelemetry/context-async-hooks',
  ) as typeof import('@opentelemetry/context-async-hooks');
  const { OTLPTraceExporter } = requireThere(
    '@opentelemetry/exporter-trace-otlp-proto',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-proto');
  const { registerInstrumentations } = requireThere(
    '@opentelemetry/instrumentation',
  ) as typeof import('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = requireThere(
    '@opentelemetry/instrumentation-http',
  ) as typeof import('@opentelemetry/instrumentation-http');
  const { UndiciInstrumentation } = requireThere(
    '@opentelemetry/instrumentation-undici',
  ) as typeof import('@opentelemetry/instrumentation-undici');

  const provider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  api.trace.setGlobalTracerProvider(provider);
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const instrumentations: InstanceType<typeof HttpInstrumentation | typeof UndiciInstrumentation>[] = [
    new HttpInstrumentation(),
    new UndiciInstrumentation(),
  ];
  if (tracing !== 'langfuse') {
    const name = tracing === 'openllmetry' ? '@traceloop/instrumentation-openai' : undefined;
    const { OpenAIInstrumentation } = requireThere(name ?? '@opentelemetry/instrumentation-openai') as {
      readonly OpenAIInstrumentation: new () => InstanceType<typeof HttpInstrumentation>;
    };
    instrumentations.push(new OpenAIInstrumentation());
  }
  registerInstrumentations({ tracerProvider: provider, instrumentations });
  const started = {
    ...untraced,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
  if (tracing !== 'langfuse') return started;
  const { observeOpenAI } = requireThere('@langfuse/openai') as {
    observeOpenAI<Client extends object>(client: Client): Client;
  };
  return { ...started, wrap: (client) => observeOpenAI(client) };
}
