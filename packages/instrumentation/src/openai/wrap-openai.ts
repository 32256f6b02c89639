import { readEndpoint } from '../model-client/provider-endpoint.ts';
import { readField, readText } from '../model-client/read-fields.ts';
import { type ModelMethod, wrapModelClient } from '../model-client/wrap-model-client.ts';
import {
  createBatchReader,
  createChatReader,
  createEmbeddingsReader,
  createMediaReader,
  createResponsesReader,
} from './answer-readers.ts';
import { chatContent, responsesContent } from './message-content.ts';
import {
  describeBatchRequest,
  describeChatRequest,
  describeCompletionRequest,
  describeEmbeddingsRequest,
  describeMediaRequest,
  describeResponsesRequest,
} from './request-attributes.ts';

export interface WrapOpenAIOptions {
  /**
   * `gen_ai.provider.name`, where the base URL does not tell: a gateway, a server under a name of one's own.
   * Else it is read from the host (`groq`, `azure.ai.openai`, `ollama`…), and is `openai` for unknown ones.
   */
  readonly provider?: string | undefined;
}

const picture = { describe: describeMediaRequest('image'), createReader: createMediaReader };
const hearing = { describe: describeMediaRequest('text'), createReader: createMediaReader };

const methods: readonly ModelMethod[] = [
  {
    path: ['chat', 'completions'],
    name: 'create',
    describe: describeChatRequest,
    createReader: createChatReader,
    content: chatContent,
  },
  {
    path: ['responses'],
    name: 'create',
    describe: describeResponsesRequest,
    createReader: createResponsesReader,
    content: responsesContent,
  },
  {
    path: ['embeddings'],
    name: 'create',
    describe: describeEmbeddingsRequest,
    createReader: createEmbeddingsReader,
  },
  {
    path: ['completions'],
    name: 'create',
    describe: describeCompletionRequest,
    createReader: createChatReader,
  },
  { path: ['images'], name: 'generate', ...picture },
  { path: ['images'], name: 'edit', ...picture },
  { path: ['images'], name: 'createVariation', ...picture },
  {
    path: ['audio', 'speech'],
    name: 'create',
    describe: describeMediaRequest('speech'),
    createReader: createMediaReader,
  },
  { path: ['audio', 'transcriptions'], name: 'create', ...hearing },
  { path: ['audio', 'translations'], name: 'create', ...hearing },
  { path: ['batches'], name: 'create', describe: describeBatchRequest, createReader: createBatchReader },
];

/**
 * Gives each model call of an OpenAI client (`openai` 4 to 7, `AzureOpenAI`, and what has the same methods)
 * a span: `chat {model}` for `chat.completions.create` and `responses.create`, `embeddings {model}`,
 * `text_completion {model}`, `generate_content {model}` for images, speech and transcription,
 * `create_batch {endpoint}`; and so also for the helpers built on these (`.stream()`, `.parse()`,
 * `runTools()`).
 *
 *     const client = wrapOpenAI(new OpenAI());
 *
 * The client is changed in place and returned; clients made by its `withOptions()` are wrapped as well. What
 * its methods return stays the same objects with all their methods. One call is one span, with a `retry`
 * event for each time the client sent it again; it ends when the answer is here, the stream read, left,
 * aborted, failed or forgotten. No text of the conversation is touched unless a rule allows to keep it.
 * Directly inside `traced.llm()` or `traced.embedding()` the first such call fills that span instead.
 *
 * @throws TypeError if the client has none of these methods.
 */
export function wrapOpenAI<Client extends object>(client: Client, options: WrapOpenAIOptions = {}): Client {
  const isWrapped = wrapModelClient(client, {
    methods,
    boundModelOf: (azureClient) => readText(azureClient, 'deploymentName'),
    endpointOf: (target) => endpointOf(target, options),
  });
  if (!isWrapped) throw new TypeError('wrapOpenAI: the client has no method that calls a model');
  return client;
}

function endpointOf(client: object, { provider }: WrapOpenAIOptions) {
  const isAzureClient = readText(client, 'apiVersion') !== undefined;
  const endpoint = readEndpoint(readField(client, 'baseURL'), isAzureClient ? 'azure.ai.openai' : 'openai');
  return provider === undefined ? endpoint : { ...endpoint, provider };
}
