import { type Attributes, context, type Span, trace } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import type { ModelSpan } from '../traced/model-span.ts';
import { currentInstruments } from './instruments.ts';

/** Dimensions of the conventions. All are of few values; ids are not among them. */
const DIMENSIONS = [
  attributeKey.operationName,
  attributeKey.providerName,
  attributeKey.requestModel,
  attributeKey.responseModel,
  attributeKey.serverAddress,
  attributeKey.serverPort,
] as const;

/**
 * GenAI metrics of one call; nothing if the application has no metrics. `span` is what an exemplar points to.
 *
 * @param endTime Epoch milliseconds; now, if absent.
 */
export function recordModelMetrics(handle: ModelSpan, span: Span, endTime: number | undefined): void {
  const instruments = currentInstruments();
  if (instruments === undefined) return;
  const figures = handle.figures(endTime);
  const dimensions = dimensionsOf(figures.attributes);
  const spanContext = trace.setSpan(context.active(), span);
  const failure = figures.attributes[attributeKey.errorType];
  instruments.modelDuration.record(
    figures.duration,
    failure === undefined ? dimensions : { ...dimensions, [attributeKey.errorType]: failure },
    spanContext,
  );
  if (figures.timeToFirstChunk !== undefined)
    instruments.timeToFirstChunk.record(figures.timeToFirstChunk, dimensions, spanContext);
  for (const type of ['input', 'output'] as const) {
    const count = figures[`${type}Tokens`];
    if (count !== undefined) {
      const tokens = { ...dimensions, [attributeKey.tokenType]: type };
      instruments.modelTokens.record(count, tokens, spanContext);
    }
  }
}

/** @param attributes Of the call's span. */
export function recordOutputChunk(seconds: number, attributes: Attributes, span: Span): void {
  const instruments = currentInstruments();
  if (instruments === undefined) return;
  const spanContext = trace.setSpan(context.active(), span);
  instruments.timePerOutputChunk.record(seconds, dimensionsOf(attributes), spanContext);
}

function dimensionsOf(attributes: Attributes): Attributes {
  const dimensions: Attributes = {};
  for (const key of DIMENSIONS) dimensions[key] = attributes[key];
  return dimensions;
}
