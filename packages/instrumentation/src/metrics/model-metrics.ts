import {
  type Attributes,
  context,
  createNoopMeter,
  type Histogram,
  type MeterProvider,
  metrics,
  type Span,
  trace,
} from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import type { ModelSpan } from '../traced/model-span.ts';
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts';

/** Bucket boundaries of the conventions (semantic-conventions-genai `docs/gen-ai/gen-ai-metrics.md`), in seconds. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/** The same for tokens: powers of 4. */
const TOKENS = Array.from({ length: 14 }, (_, exponent) => 4 ** exponent);

/** Dimensions of the conventions. All are of few values; ids are not among them. */
const DIMENSIONS = [
  attributeKey.operationName,
  attributeKey.providerName,
  attributeKey.requestModel,
  attributeKey.responseModel,
  attributeKey.serverAddress,
  attributeKey.serverPort,
] as const;

interface ModelInstruments {
  readonly duration: Histogram;
  readonly tokens: Histogram;
  readonly firstChunk: Histogram;
}

let provider: MeterProvider | undefined;
/** Absent while the application has no metrics. */
let instruments: ModelInstruments | undefined;

/**
 * GenAI metrics of one call, through the metrics API: an application that has set up metrics gets them, for
 * any other this does nothing. `span` is what an exemplar points to.
 */
export function recordModelMetrics(handle: ModelSpan, span: Span): void {
  const current = currentInstruments();
  if (current === undefined) return;
  const { duration, tokens, firstChunk } = current;
  const figures = handle.figures();
  const dimensions: Attributes = {};
  for (const key of DIMENSIONS) dimensions[key] = figures.attributes[key];
  const spanContext = trace.setSpan(context.active(), span);
  const failure = figures.attributes[attributeKey.errorType];
  duration.record(
    figures.duration,
    failure === undefined ? dimensions : { ...dimensions, [attributeKey.errorType]: failure },
    spanContext,
  );
  if (figures.timeToFirstChunk !== undefined)
    firstChunk.record(figures.timeToFirstChunk, dimensions, spanContext);
  for (const type of ['input', 'output'] as const) {
    const count = figures[`${type}Tokens`];
    if (count !== undefined)
      tokens.record(count, { ...dimensions, [attributeKey.tokenType]: type }, spanContext);
  }
}

/** The application may register its meter provider after the first call. */
function currentInstruments(): ModelInstruments | undefined {
  const current = metrics.getMeterProvider();
  if (provider === current) return instruments;
  provider = current;
  const meter = current.getMeter(SCOPE_NAME, SCOPE_VERSION);
  instruments = undefined;
  if (meter === createNoopMeter()) return undefined;
  instruments = {
    duration: meter.createHistogram('gen_ai.client.operation.duration', {
      unit: 's',
      description: 'Duration of a call to a model.',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      description: 'Tokens that a call used.',
      advice: { explicitBucketBoundaries: TOKENS },
    }),
    firstChunk: meter.createHistogram('gen_ai.client.operation.time_to_first_chunk', {
      unit: 's',
      description: 'Time until the first chunk of a streamed answer.',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
  };
  return instruments;
}
