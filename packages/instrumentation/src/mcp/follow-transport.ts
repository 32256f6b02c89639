import { context, SpanKind, trace } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { recordMcpSession } from '../metrics/mcp-metrics.ts';
import { readField } from '../model-client/read-fields.ts';
import { replaceMethod } from '../traced/replace-method.ts';
import { describeTransport, protocolVersionOf } from './describe-request.ts';
import { interceptHandler } from './intercept-handler.ts';
import { McpCall } from './mcp-call.ts';
import {
  isNotification,
  isRequest,
  isResponse,
  type McpRequest,
  type MessageId,
  subjectOf,
} from './message.ts';
import { extractTraceMeta, withTraceMeta } from './trace-meta.ts';

/** Requests of one connection that wait for an answer. More are sent and answered as ever, without spans. */
const MAX_OPEN_CALLS = 10_000;

const CANCELLED = 'notifications/cancelled';
const PROGRESS = 'notifications/progress';
/** The first request of a session. */
const INITIALIZE = 'initialize';

interface McpSession {
  readonly side: SpanKind.CLIENT | SpanKind.SERVER;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
}

type OpenCalls = Map<MessageId, McpCall>;
type OnMessage = (message: unknown, ...rest: unknown[]) => unknown;

const followedTransports = new WeakSet<object>();

/**
 * Follows all requests that go through a transport of MCP, in both directions: what both generations of the
 * TypeScript SDK share is this interface. The transport stays the same object.
 */
export function followTransport(transport: object): void {
  if (followedTransports.has(transport)) return;
  followedTransports.add(transport);
  const sent: OpenCalls = new Map();
  const received: OpenCalls = new Map();
  const version: { value: string | undefined } = { value: undefined };
  let session: McpSession | undefined;

  const send = readField(transport, 'send') as (...args: unknown[]) => unknown;
  replaceMethod(transport, 'send', (message: unknown, ...rest: unknown[]) => {
    const pass = (outgoing = message) => Reflect.apply(send, transport, [outgoing, ...rest]);
    if (isRequest(message)) return sendRequest(message, rest[0], pass);
    // The answer goes out before its span ends.
    if (isResponse(message)) {
      version.value = protocolVersionOf(message) ?? version.value;
      const result = pass();
      take(received, message.id)?.answer(message);
      return result;
    }
    if (isNotification(message, CANCELLED)) take(sent, subjectOf(message))?.giveUp('cancelled');
    return pass();
  });

  interceptHandler(transport, 'onmessage', (handler) => {
    const onMessage = handler as OnMessage;
    return (message: unknown, ...rest: unknown[]) => {
      const pass = () => Reflect.apply(onMessage, transport, [message, ...rest]);
      if (isRequest(message)) return receiveRequest(message, pass);
      if (isResponse(message)) {
        version.value = protocolVersionOf(message) ?? version.value;
        take(sent, message.id)?.answer(message);
      } else if (isNotification(message, CANCELLED)) {
        take(received, subjectOf(message))?.giveUp('cancelled');
      } else if (isNotification(message, PROGRESS)) {
        // The caller's callback belongs to the call, not to the connection that the news came through.
        const call = sent.get(subjectOf(message) ?? '');
        if (call !== undefined) return context.with(call.spanContext, pass);
      }
      return pass();
    };
  });

  interceptHandler(transport, 'onclose', (handler) => (...args: unknown[]) => {
    for (const calls of [sent, received]) {
      for (const call of calls.values()) call.giveUp('connection_closed');
      calls.clear();
    }
    endSession();
    return Reflect.apply(handler, transport, args);
  });

  function sendRequest(request: McpRequest, options: unknown, pass: (message: unknown) => unknown): unknown {
    if (request.method === INITIALIZE) startSession(SpanKind.CLIENT);
    if (sent.size >= MAX_OPEN_CALLS) return pass(request);
    const call = new McpCall(request, transport, SpanKind.CLIENT, context.active(), versionOf(request));
    sent.set(request.id, call);
    // The newer protocol cancels over HTTP by closing the request's own stream.
    const signal = readField(options, 'requestSignal');
    if (signal instanceof AbortSignal) {
      signal.addEventListener('abort', () => take(sent, request.id, call)?.giveUp('cancelled'), {
        once: true,
      });
    }
    try {
      const result = context.with(
        call.spanContext,
        pass,
        undefined,
        withTraceMeta(request, call.spanContext),
      );
      if (result instanceof Promise) {
        result.then(undefined, (thrown) => take(sent, request.id, call)?.fail(thrown));
      }
      return result;
    } catch (thrown) {
      take(sent, request.id, call)?.fail(thrown);
      throw thrown;
    }
  }

  function receiveRequest(request: McpRequest, pass: () => unknown): unknown {
    if (request.method === INITIALIZE) startSession(SpanKind.SERVER);
    if (received.size >= MAX_OPEN_CALLS) return pass();
    const ambient = trace.getSpanContext(context.active());
    const parent = extractTraceMeta(request);
    const isCarried = trace.getSpanContext(parent)?.spanId !== ambient?.spanId;
    // One HTTP request may carry several messages; the message says itself whose child it is.
    const links = isCarried && ambient !== undefined ? [{ context: ambient }] : [];
    const call = new McpCall(request, transport, SpanKind.SERVER, parent, versionOf(request), links);
    // Two clients behind one transport may count alike; the earlier one is answered all the same.
    take(received, request.id)?.giveUp('connection_closed');
    received.set(request.id, call);
    return context.with(call.spanContext, pass);
  }

  function startSession(side: McpSession['side']): void {
    session ??= { side, startedAt: performance.now() };
  }

  function endSession(): void {
    if (session === undefined) return;
    const { side, startedAt } = session;
    session = undefined;
    const attributes = describeTransport(transport);
    const isHttp = attributes[attributeKey.networkTransport] === 'tcp';
    // An HTTP server without session ids has a transport for each request: that is no session.
    if (side === SpanKind.SERVER && isHttp && attributes[attributeKey.mcpSessionId] === undefined) return;
    attributes[attributeKey.mcpProtocolVersion] = version.value;
    recordMcpSession(side, startedAt, attributes);
  }

  function versionOf(request: McpRequest): string | undefined {
    return protocolVersionOf(request) ?? version.value;
  }
}

function take(calls: OpenCalls, id: MessageId | undefined, expected?: McpCall): McpCall | undefined {
  const call = id === undefined ? undefined : calls.get(id);
  if (call === undefined || id === undefined || (expected !== undefined && call !== expected))
    return undefined;
  calls.delete(id);
  return call;
}
