import { type Context, context, createContextKey } from '@opentelemetry/api';
import type { ContentOfSpan } from '../privacy/content-capture.ts';
import { takeModelSpan } from '../traced/active-model-span.ts';
import { replaceMethod } from '../traced/replace-method.ts';
import { SpanLife } from '../traced/span-life.ts';
import { startModelSpan } from '../traced/start-model-span.ts';
import { followResult } from './follow-api-promise.ts';
import { type AnswerCollector, type AnswerReader, type ContentCapture, ModelCall } from './model-call.ts';
import type { ProviderEndpoint } from './provider-endpoint.ts';
import { readField } from './read-fields.ts';
import type { DescribeRequest } from './request-description.ts';

/** One method that calls a model, and how its two sides are read. */
export interface ModelMethod {
  /** From the client to the object that has the method. */
  readonly path: readonly string[];
  readonly name: string;
  readonly describe: DescribeRequest;
  readonly createReader: () => AnswerReader;
  /** Reached only where rules allow content to be kept. */
  readonly content?: MethodContent;
}

export interface MethodContent {
  /** Each part is a function: what the mode does not want is not read. */
  ofRequest(body: unknown): ContentOfSpan;
  createCollector(): AnswerCollector;
}

/** A kind of client: what its methods are, and where it sends its calls. */
export interface ModelClientKind {
  readonly methods: readonly ModelMethod[];
  readonly endpointOf: (client: object) => ProviderEndpoint;
  /** Model of a client that is bound to one. */
  readonly boundModelOf?: (client: object) => string | undefined;
  /** Called once for each client, also for clones by `withOptions()`. */
  readonly prepare?: (client: object) => void;
  /** The arguments the method is really called with. */
  readonly prepareArguments?: (args: readonly unknown[]) => readonly unknown[];
}

/** The call that a request of the client belongs to. */
const MODEL_CALL = createContextKey('Spanwise: the model call of this request');

const wrappedClients = new WeakSet<object>();
const followedFetches = new WeakSet<object>();

/**
 * Gives each model call of a client a span, in place. False if the client has none of the methods. The client
 * is one that Stainless made, or has its manners: resources with methods, `fetch`, `withOptions()`.
 */
export function wrapModelClient(client: object, kind: ModelClientKind): boolean {
  if (wrappedClients.has(client)) return true;
  const found = kind.methods.flatMap((method) => {
    const resource = method.path.reduce<unknown>(readField, client);
    const original = readField(resource, method.name);
    return typeof original === 'function' ? [{ method, resource: resource as object, original }] : [];
  });
  if (found.length === 0) return false;
  wrappedClients.add(client);
  for (const { method, resource, original } of found) {
    replaceMethod(resource, method.name, (...args: unknown[]) =>
      callModel(client, kind, method, args, () =>
        Reflect.apply(original, resource, kind.prepareArguments?.(args) ?? args),
      ),
    );
  }
  kind.prepare?.(client);
  followFetch(client);
  followWithOptions(client, kind);
  return true;
}

function callModel(
  client: object,
  kind: ModelClientKind,
  { describe, createReader, content }: ModelMethod,
  args: readonly unknown[],
  send: () => unknown,
): unknown {
  const [body] = args;
  const description = describe(body, kind.endpointOf(client), kind.boundModelOf?.(client));
  const { operation, model, attributes } = description;
  const outer = takeModelSpan(context.active(), operation);
  if (outer !== undefined) {
    outer.setAttributes(attributes);
    const capture = captureRequest(outer, content, body);
    return runCall(new ModelCall(outer, undefined, createReader(), capture), context.active(), send);
  }
  const { span, handle, spanContext } = startModelSpan(operation, model, attributes);
  // Nothing to fill in; the context still goes along with the request.
  if (!span.isRecording()) return context.with(spanContext, send);
  const capture = captureRequest(handle, content, body);
  const call = new ModelCall(handle, new SpanLife(span, handle), createReader(), capture);
  return runCall(call, spanContext, send);
}

function runCall(call: ModelCall, spanContext: Context, send: () => unknown): unknown {
  let result: unknown;
  try {
    result = context.with(spanContext.setValue(MODEL_CALL, call), send);
  } catch (thrown) {
    call.fail(thrown);
    throw thrown;
  }
  return followResult(result, call, spanContext);
}

/** Content of the request goes on the span now; that of the answer when it is complete, if anybody wants it. */
function captureRequest(
  span: { wantsContent(): boolean; recordContent(content: ContentOfSpan): unknown },
  content: MethodContent | undefined,
  body: unknown,
): ContentCapture | undefined {
  if (content === undefined || !span.wantsContent()) return undefined;
  span.recordContent(content.ofRequest(body));
  return { collector: content.createCollector(), active: context.active() };
}

/** Each attempt of the client goes through its field `fetch`; a clone made by `withOptions()` takes it over. */
function followFetch(client: object): void {
  const fetch = readField(client, 'fetch');
  if (typeof fetch !== 'function' || followedFetches.has(fetch)) return;
  const followed = (...args: unknown[]) => {
    const sent: unknown = Reflect.apply(fetch, undefined, args);
    const call = context.active().getValue(MODEL_CALL);
    if (call instanceof ModelCall && sent instanceof Promise) {
      call.startAttempt();
      sent.then(
        (response) => call.endAttempt(response),
        (thrown) => call.failAttempt(thrown),
      );
    }
    return sent;
  };
  followedFetches.add(followed);
  replaceMethod(client, 'fetch', followed);
}

function followWithOptions(client: object, kind: ModelClientKind): void {
  const withOptions = readField(client, 'withOptions');
  if (typeof withOptions !== 'function') return;
  replaceMethod(client, 'withOptions', (...args: unknown[]) => {
    const clone: unknown = Reflect.apply(withOptions, client, args);
    if (typeof clone === 'object' && clone !== null) wrapModelClient(clone, kind);
    return clone;
  });
}
