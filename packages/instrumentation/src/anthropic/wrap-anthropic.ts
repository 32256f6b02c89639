import { context, INVALID_SPAN_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { readEndpoint } from '../model-client/provider-endpoint.ts';
import { readField, readText } from '../model-client/read-fields.ts';
import { type ModelMethod, wrapModelClient } from '../model-client/wrap-model-client.ts';
import { describeBatchRequest, describeMessageRequest } from './describe-message.ts';
import { messageContent } from './message-content.ts';
import { createBatchReader, createMessageReader } from './message-reader.ts';

export interface WrapAnthropicOptions {
  /**
   * `gen_ai.provider.name`, where the base URL does not tell. Else it is read from the host (`aws.bedrock`,
   * `gcp.vertex_ai`…), and is `anthropic` for unknown ones.
   */
  readonly provider?: string | undefined;
}

const message = {
  name: 'create',
  describe: describeMessageRequest,
  createReader: createMessageReader,
  content: messageContent,
};
const batch = { name: 'create', describe: describeBatchRequest, createReader: createBatchReader };

const methods: readonly ModelMethod[] = [
  { path: ['messages'], ...message },
  { path: ['beta', 'messages'], ...message },
  { path: ['messages', 'batches'], ...batch },
  { path: ['beta', 'messages', 'batches'], ...batch },
];

/** Spans that the client (0.137 and 1 do, 0.39 does not) makes itself for the calls that are ours here. */
const ownSpanNames: ReadonlySet<string> = new Set([
  'anthropic.messages.create',
  'anthropic.messages.batches.create',
]);

/**
 * Gives each call of an Anthropic client's `messages.create` (`@anthropic-ai/sdk` 0.39 to 1, its Bedrock and
 * Vertex clients, and what has the same methods) a span `chat {model}`, and so also for `.stream()`, `.parse()`
 * and `toolRunner()`; `create_batch` for a batch. All that {@link wrapOpenAI} promises holds here too.
 *
 *     const client = wrapAnthropic(new Anthropic());
 *
 * Newer clients make spans of their own where OpenTelemetry is set up. For the calls wrapped here ours take
 * their place, so that tokens are not counted twice; those of other calls stay.
 *
 * @throws TypeError if the client has none of these methods.
 */
export function wrapAnthropic<Client extends object>(
  client: Client,
  options: WrapAnthropicOptions = {},
): Client {
  const isWrapped = wrapModelClient(client, {
    methods,
    endpointOf: (target) => endpointOf(target, options),
    prepare: replaceOwnSpans,
    prepareArguments: withoutOwnSpan,
  });
  if (!isWrapped) throw new TypeError('wrapAnthropic: the client has no method that calls a model');
  return client;
}

function endpointOf(client: object, { provider }: WrapAnthropicOptions) {
  // Its Bedrock and Vertex clients say what they are, also behind a host of one's own.
  const endpoint = readEndpoint(
    readField(client, 'baseURL'),
    readText(client, '_genAIProviderName') ?? 'anthropic',
  );
  return provider === undefined ? endpoint : { ...endpoint, provider };
}

/** The client's tracer gives it, for our calls, a span that records nothing and passes ours on. */
function replaceOwnSpans(client: object): void {
  const tracer = readField(client, '_tracer') as Tracer | undefined;
  if (typeof tracer?.startSpan !== 'function') return;
  const quiet: Tracer = {
    startSpan: (name, options, parent) =>
      ownSpanNames.has(name)
        ? trace.wrapSpanContext(trace.getSpanContext(context.active()) ?? INVALID_SPAN_CONTEXT)
        : tracer.startSpan(name, options, parent),
    startActiveSpan: tracer.startActiveSpan.bind(tracer),
  };
  Object.defineProperty(client, '_tracer', {
    value: quiet,
    configurable: true,
    writable: true,
    enumerable: true,
  });
}

/** The helper `.stream()` starts the client's own span before the call; inside of ours it is to be ours. */
function withoutOwnSpan(args: readonly unknown[]): readonly unknown[] {
  const [body, options, ...rest] = args;
  if (typeof options !== 'object' || options === null || !('__span' in options)) return args;
  const { __span: _, ...others } = options;
  return [body, others, ...rest];
}
