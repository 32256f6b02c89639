import { type Context, context, createContextKey } from '@opentelemetry/api';
import { takeModelSpan } from '../traced/active-model-span.ts';
import { SpanLife } from '../traced/span-life.ts';
import { startModelSpan } from '../traced/start-model-span.ts';
import { replaceMethod } from '../traced/stream-life.ts';
import { createChatReader, createEmbeddingsReader, createResponsesReader } from './answer-readers.ts';
import { followResult } from './follow-api-promise.ts';
import { type AnswerReader, ModelCall } from './model-call.ts';
import { type ProviderEndpoint, readEndpoint } from './provider-endpoint.ts';
import { readField, readText } from './read-fields.ts';
import {
  describeChatRequest,
  describeEmbeddingsRequest,
  describeResponsesRequest,
  type RequestDescription,
} from './request-attributes.ts';

export interface WrapOpenAIOptions {
  /**
   * `gen_ai.provider.name`, where the base URL does not tell: a gateway, a server under a name of one's own.
   * Else it is read from the host (`groq`, `azure.ai.openai`, `ollama`…), and is `openai` for unknown ones.
   */
  readonly provider?: string | undefined;
}

/** One method that calls a model, and how its two sides are read. */
interface ModelMethod {
  readonly path: readonly string[];
  readonly describe: (
    body: unknown,
    endpoint: ProviderEndpoint,
    deployment: string | undefined,
  ) => RequestDescription;
  readonly createReader: () => AnswerReader;
}

const modelMethods: readonly ModelMethod[] = [
  { path: ['chat', 'completions'], describe: describeChatRequest, createReader: createChatReader },
  { path: ['responses'], describe: describeResponsesRequest, createReader: createResponsesReader },
  { path: ['embeddings'], describe: describeEmbeddingsRequest, createReader: createEmbeddingsReader },
];

/** The call that a request of the client belongs to. */
const MODEL_CALL = createContextKey('Spanwise: the model call of this request');

const wrappedClients = new WeakSet<object>();
const followedFetches = new WeakSet<object>();

/**
 * Gives each model call of an OpenAI client (`openai` 4 to 7, `AzureOpenAI`, and what has the same methods)
 * a span: `chat {model}` for `chat.completions.create` and `responses.create`, `embeddings {model}` for
 * `embeddings.create`, and so also for the helpers built on these (`.stream()`, `.parse()`, `runTools()`).
 *
 *     const client = wrapOpenAI(new OpenAI());
 *
 * The client is changed in place and returned; clients made by its `withOptions()` are wrapped as well. What
 * its methods return stays the same objects with all their methods. One call is one span, with a `retry`
 * event for each time the client sent it again; it ends when the answer is here, the stream read, left,
 * aborted, failed or forgotten. No text of the conversation is touched. Directly inside `traced.llm()` or
 * `traced.embedding()` the first such call fills that span instead.
 *
 * @throws TypeError if the client has none of these methods.
 */
export function wrapOpenAI<Client extends object>(client: Client, options: WrapOpenAIOptions = {}): Client {
  if (wrappedClients.has(client)) return client;
  const found = modelMethods.flatMap((method) => {
    const resource = method.path.reduce<unknown>(readField, client);
    const create = readField(resource, 'create');
    return typeof create === 'function' ? [{ method, resource: resource as object, create }] : [];
  });
  if (found.length === 0) {
    throw new TypeError('wrapOpenAI: the client has no chat.completions, responses or embeddings to wrap');
  }
  wrappedClients.add(client);
  for (const { method, resource, create } of found) {
    replaceMethod(resource, 'create', (...args: unknown[]) =>
      callModel(client, options, method, args, () => Reflect.apply(create, resource, args)),
    );
  }
  followFetch(client);
  followWithOptions(client, options);
  return client;
}

function callModel(
  client: object,
  options: WrapOpenAIOptions,
  method: ModelMethod,
  args: readonly unknown[],
  create: () => unknown,
): unknown {
  const { operation, model, attributes } = method.describe(
    args[0],
    endpointOf(client, options),
    readText(client, 'deploymentName'),
  );
  const reader = method.createReader();
  const outer = takeModelSpan(context.active(), operation);
  if (outer !== undefined) {
    outer.setAttributes(attributes);
    return runCall(new ModelCall(outer, undefined, reader), context.active(), create);
  }
  const { span, handle, spanContext } = startModelSpan(operation, model, attributes);
  // Nothing to fill in; the context still goes along with the request.
  if (!span.isRecording()) return context.with(spanContext, create);
  return runCall(new ModelCall(handle, new SpanLife(span, handle), reader), spanContext, create);
}

function runCall(call: ModelCall, spanContext: Context, create: () => unknown): unknown {
  let result: unknown;
  try {
    result = context.with(spanContext.setValue(MODEL_CALL, call), create);
  } catch (thrown) {
    call.fail(thrown);
    throw thrown;
  }
  return followResult(result, call, spanContext);
}

function endpointOf(client: object, { provider }: WrapOpenAIOptions): ProviderEndpoint {
  const isAzureClient = readText(client, 'apiVersion') !== undefined;
  const endpoint = readEndpoint(readField(client, 'baseURL'), isAzureClient);
  return provider === undefined ? endpoint : { ...endpoint, provider };
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

function followWithOptions(client: object, options: WrapOpenAIOptions): void {
  const withOptions = readField(client, 'withOptions');
  if (typeof withOptions !== 'function') return;
  replaceMethod(client, 'withOptions', (...args: unknown[]) => {
    const clone: unknown = Reflect.apply(withOptions, client, args);
    return typeof clone === 'object' && clone !== null ? wrapOpenAI(clone, options) : clone;
  });
}
