import { type JaegerTrace, jaegerResponse, toJaegerTrace } from '@spanwise/jaeger';
import type { Span, TraceId } from '@spanwise/model';
import { OtlpError, spansOfRequest, transcodeJsonRequest } from '@spanwise/otlp';
import type { FastifyInstance } from 'fastify';
import { limits } from '../limits.ts';
import { QueryError } from './query-error.ts';

/**
 * `POST /api/transform`: OTLP JSON in, Jaeger's JSON out, for files that Jaeger's UI opens. Nothing is stored, so
 * nothing is taken out either. The UI says that its body is plain text.
 */
export function jaegerTransformRoutes(app: FastifyInstance): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: limits.transformBytes.value },
      (_request, body, done) => done(null, body),
    );
    scope.post<{ Body: Buffer | undefined }>(
      '/api/transform',
      { bodyLimit: limits.transformBytes.value },
      async ({ body }, reply) => {
        const traces = tracesOf(body ?? new Uint8Array());
        return reply.type('application/json').send(JSON.stringify(jaegerResponse(traces)));
      },
    );
  });
}

/** In the order in which the file first names them. @throws QueryError 400 */
function tracesOf(body: Uint8Array): readonly JaegerTrace[] {
  const spansById = new Map<TraceId, Span[]>();
  for (const span of spansOf(body)) {
    const spans = spansById.get(span.traceId);
    if (spans === undefined) spansById.set(span.traceId, [span]);
    else spans.push(span);
  }
  return Array.from(spansById, ([traceId, spans]) => toJaegerTrace({ traceId, spans }));
}

function spansOf(body: Uint8Array): readonly Span[] {
  try {
    return spansOfRequest(transcodeJsonRequest('spans', body), {
      attributesPerElement: limits.attributesPerElement.value,
      distinctKeys: limits.distinctKeysPerSpan.value * 2,
      keyBytes: limits.keyBytes.value,
      valueBytes: limits.valueBytes.value,
      eventsPerSpan: limits.eventsPerSpan.value,
      linksPerSpan: limits.linksPerSpan.value,
      nestingDepth: limits.nestingDepth.value,
    });
  } catch (error) {
    if (!(error instanceof OtlpError)) throw error;
    throw new QueryError(400, 'bad_request', `not OTLP JSON: ${error.message}`);
  }
}
