import { type Context, context, type Link, type SpanKind, trace } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { conversationAttributes } from '../conversation/conversation.ts';
import { measureMcpRequest } from '../metrics/mcp-metrics.ts';
import { readField } from '../model-client/read-fields.ts';
import { SpanLife } from '../traced/span-life.ts';
import { ToolSpan } from '../traced/traced-span.ts';
import { currentTracer } from '../tracer.ts';
import { describeRequest, describeTransport, errorCodeOf } from './describe-request.ts';
import type { McpRequest, McpResponse } from './message.ts';

/** One request with its span, from either side. It ends once: by the answer, a cancellation, or the connection's end. */
export class McpCall {
  readonly #span: ToolSpan;
  readonly #life: SpanLife;
  readonly #isToolCall: boolean;
  #statusCode: string | undefined;
  /** The span is active in it. */
  readonly spanContext: Context;

  constructor(
    request: McpRequest,
    transport: object,
    kind: SpanKind.CLIENT | SpanKind.SERVER,
    parent: Context,
    protocolVersion: string | undefined,
    links: Link[] = [],
  ) {
    const { name, attributes } = describeRequest(request, parent);
    const all = {
      ...context.with(parent, conversationAttributes),
      ...describeTransport(transport),
      ...attributes,
      [attributeKey.mcpProtocolVersion]: protocolVersion,
    };
    const span = currentTracer().startSpan(name, { kind, attributes: all, links }, parent);
    this.#span = new ToolSpan(span);
    this.spanContext = trace.setSpan(parent, span);
    const measure = measureMcpRequest(kind, all, () => this.#statusCode);
    this.#life = new SpanLife(span, this.#span, measure);
    this.#isToolCall = request.method === 'tools/call';
    if (this.#isToolCall) {
      this.#record({ toolArguments: () => readField(request.params, 'arguments') });
    }
  }

  answer(response: McpResponse): void {
    const code = errorCodeOf(response);
    if (code !== undefined) {
      this.#statusCode = String(code);
      this.#span.setAttribute(attributeKey.rpcResponseStatusCode, this.#statusCode);
      this.#span.recordError(this.#statusCode);
    } else if (this.#isToolCall) {
      if (readField(response.result, 'isError') === true) this.#span.recordToolError();
      this.#record({ toolResult: () => readField(response.result, 'content') });
    }
    this.#life.end();
  }

  /** @param reason One of few words. */
  giveUp(reason: 'cancelled' | 'connection_closed'): void {
    this.#span.recordError(reason);
    this.#life.end();
  }

  fail(thrown: unknown): void {
    const cause = readField(thrown, 'cause');
    this.#life.fail(thrown instanceof TypeError && cause !== undefined ? cause : thrown);
  }

  #record(content: Parameters<ToolSpan['recordContent']>[0]): void {
    context.with(this.spanContext, () => this.#span.recordContent(content));
  }
}
