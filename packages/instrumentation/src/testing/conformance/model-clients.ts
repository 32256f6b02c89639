import { CANARY } from '../wire/wire.ts';
import type { ApiPromise, CaseOptions, CaseRequest, ExpectedError } from './cases.ts';

/** One way to ask a client for an answer. */
export interface ModelApi extends ExpectedFigures {
  readonly name: string;
  readonly baseUrl: (origin: string) => string;
  create(client: object, request: CaseRequest, options?: CaseOptions): ApiPromise;
}

/** The words that a provider and its client have for what the table says. */
export interface ExpectedFigures {
  readonly responseId: string;
  readonly finishReasons: { readonly end: string; readonly tools: string };
  readonly usage: Readonly<Record<string, number>>;
  /** Known of a stream that was left early; empty where the provider tells all tokens at the end. */
  readonly partialUsage: Readonly<Record<string, number>>;
  readonly serviceTier?: readonly [key: string, value: string];
  readonly errors: Readonly<Record<ExpectedError, RegExp>>;
}

type AnyCreate = (body: object, options?: object) => unknown;

interface OpenAiClient {
  readonly chat: { readonly completions: { readonly create: AnyCreate } };
  readonly responses: { readonly create: AnyCreate };
}
interface AnthropicClient {
  readonly messages: { readonly create: AnyCreate };
}

const errors: ModelApi['errors'] = {
  'bad-request': /^BadRequestError$/,
  'server-error': /^InternalServerError$/,
  'rate-limit': /^(rate_limit_exceeded|RateLimitError)$/,
  'refused-connection': /^ECONNREFUSED$/,
  'dead-socket': /^(UND_ERR_SOCKET|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/,
  abort: /^APIUserAbortError$/,
  'abort-of-stream': /^AbortError$/,
  timeout: /^APIConnectionTimeoutError$/,
};

const openAiUsage = {
  'gen_ai.usage.input_tokens': 100,
  'gen_ai.usage.output_tokens': 30,
  'gen_ai.usage.cache_read.input_tokens': 80,
  'gen_ai.usage.reasoning.output_tokens': 10,
};

export const openAiChat: ModelApi = {
  name: 'chat',
  baseUrl: (origin) => `${origin}/v1`,
  create: (client, request, options) =>
    (client as OpenAiClient).chat.completions.create(
      {
        model: 'asked-for',
        messages: [{ role: 'user', content: CANARY }],
        ...(request.stream === true ? { stream_options: { include_usage: true } } : {}),
        ...request,
      },
      options,
    ) as ApiPromise,
  responseId: 'chatcmpl-1',
  finishReasons: { end: 'stop', tools: 'tool_calls' },
  usage: openAiUsage,
  partialUsage: {},
  serviceTier: ['openai.response.service_tier', 'flex'],
  errors,
};

export const openAiResponses: ModelApi = {
  ...openAiChat,
  name: 'responses',
  create: (client, request, options) =>
    (client as OpenAiClient).responses.create(
      { model: 'asked-for', input: CANARY, instructions: CANARY, ...request },
      options,
    ) as ApiPromise,
  responseId: 'resp_1',
};

export const anthropicMessages: ModelApi = {
  name: 'messages',
  baseUrl: (origin) => origin,
  create: (client, request, options) =>
    (client as AnthropicClient).messages.create(
      {
        model: 'asked-for',
        max_tokens: 100,
        system: CANARY,
        messages: [{ role: 'user', content: CANARY }],
        ...request,
      },
      options,
    ) as ApiPromise,
  responseId: 'msg_1',
  finishReasons: { end: 'end_turn', tools: 'tool_use' },
  // 15 that were not cached, 80 read from the cache, 5 written to it.
  usage: {
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 30,
    'gen_ai.usage.cache_read.input_tokens': 80,
    'gen_ai.usage.cache_write.input_tokens': 5,
    'gen_ai.usage.reasoning.output_tokens': 10,
  },
  partialUsage: {
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.cache_read.input_tokens': 80,
    'gen_ai.usage.cache_write.input_tokens': 5,
  },
  serviceTier: ['anthropic.response.service_tier', 'priority'],
  errors,
};
