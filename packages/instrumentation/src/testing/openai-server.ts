import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Stands in every text that goes over the wire here, so that it can be looked for where it must not be. */
export const CANARY = 'canary-7f3a';

const CHUNK_COUNT = 8;

/** What one request asks for; the model's name says how the server shall behave. */
interface WireRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

export interface OpenAiServer {
  readonly baseUrl: string;
  /** Headers of the requests so far, oldest first. */
  readonly headers: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/**
 * A server that speaks OpenAI's wire format over a real socket: chat, responses and embeddings. The model
 * asked for chooses its behaviour: `tools`, `no-usage`, `dies` (socket closed after three chunks), `endless`,
 * `silent` (never answers), `status-NNN`, `busy-once` (a 429, then the answer); all others just answer.
 */
export async function startOpenAiServer(): Promise<OpenAiServer> {
  const headers: IncomingHttpHeaders[] = [];
  let isBusy = true;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    headers.push(request.headers);
    const wire = JSON.parse(await readBody(request)) as WireRequest;
    const { model } = wire;
    if (model === 'silent') return;
    const status = model.startsWith('status-') ? Number(model.slice('status-'.length)) : 200;
    if (status !== 200) return sendError(response, status);
    if (model === 'busy-once') {
      isBusy = !isBusy;
      if (!isBusy) return sendError(response, 429, { 'retry-after-ms': '1' });
    }
    if (request.url?.endsWith('/embeddings')) return sendJson(response, embeddingsOf(wire));
    const isChat = request.url?.endsWith('/chat/completions') ?? false;
    if (!wire.stream) return sendJson(response, isChat ? completionOf(wire) : responseOf(wire, 'completed'));
    await sendEvents(response, isChat ? chatChunks(wire) : responseEvents(wire), wire, isChat);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  const code = status === 429 ? 'rate_limit_exceeded' : null;
  response.end(JSON.stringify({ error: { message: `${CANARY} was refused`, type: 'error', code } }));
}

async function sendEvents(
  response: ServerResponse,
  events: readonly object[],
  { model }: WireRequest,
  isChat: boolean,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
  const send = (event: object) => {
    const type = 'type' in event ? `event: ${event.type}\n` : '';
    response.write(`${type}data: ${JSON.stringify(event)}\n\n`);
  };
  for (const [place, event] of events.entries()) {
    if (model === 'dies' && place === 3) {
      await sleep(20);
      response.destroy();
      return;
    }
    // The last two tell the end, and an endless answer has none.
    while (model === 'endless' && place === events.length - 2 && !response.destroyed) {
      send(events[3] as object);
      await sleep(2);
    }
    send(event);
  }
  response.end(isChat ? 'data: [DONE]\n\n' : '');
}

const toolCall = { name: 'order_lookup', arguments: `{"q":"${CANARY}"}` };

const chatHead = {
  id: 'chatcmpl-1',
  created: 1,
  model: 'answerer-2026',
  service_tier: 'flex',
  system_fingerprint: 'fp_1',
};

const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 80 },
  completion_tokens_details: { reasoning_tokens: 10 },
};

function completionOf({ model }: WireRequest): object {
  const asksForTools = model === 'tools';
  const message = asksForTools
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: toolCall }],
      }
    : { role: 'assistant', content: `{"say":"${CANARY}"}` };
  const finish_reason = asksForTools ? 'tool_calls' : 'stop';
  return {
    ...chatHead,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason }],
    ...(model === 'no-usage' ? {} : { usage: chatUsage }),
  };
}

function chatChunks({ model, stream_options }: WireRequest): object[] {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...chatHead,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const pieces =
    model === 'tools'
      ? [
          chunk({
            tool_calls: [
              { index: 0, id: 'call_1', type: 'function', function: { ...toolCall, arguments: '' } },
            ],
          }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: toolCall.arguments } }] }),
        ]
      : Array.from({ length: CHUNK_COUNT }, () => chunk({ content: `${CANARY} ` }));
  const usage = stream_options?.include_usage === true && model !== 'no-usage';
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces,
    chunk({}, model === 'tools' ? 'tool_calls' : 'stop'),
    ...(usage ? [{ ...chatHead, object: 'chat.completion.chunk', choices: [], usage: chatUsage }] : []),
  ];
}

function responseOf({ model }: WireRequest, status: string): object {
  const item =
    model === 'tools'
      ? { id: 'fc_1', type: 'function_call', call_id: 'call_1', status: 'completed', ...toolCall }
      : {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: `{"say":"${CANARY}"}`, annotations: [] }],
        };
  const isDone = status === 'completed';
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'answerer-2026',
    service_tier: 'flex',
    status,
    output: isDone ? [item] : [],
    ...(isDone && model !== 'no-usage'
      ? {
          usage: {
            input_tokens: 100,
            input_tokens_details: { cached_tokens: 80 },
            output_tokens: 30,
            output_tokens_details: { reasoning_tokens: 10 },
            total_tokens: 130,
          },
        }
      : {}),
  };
}

function responseEvents(wire: WireRequest): object[] {
  const isTool = wire.model === 'tools';
  const item = isTool
    ? { id: 'fc_1', type: 'function_call', call_id: 'call_1', ...toolCall, arguments: '' }
    : { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
  const part = { type: 'output_text', text: '', annotations: [] };
  const place = { item_id: isTool ? 'fc_1' : 'msg_1', output_index: 0 };
  const events: object[] = [
    { type: 'response.created', response: responseOf(wire, 'in_progress') },
    { type: 'response.output_item.added', output_index: 0, item },
    ...(isTool
      ? [{ type: 'response.function_call_arguments.delta', ...place, delta: toolCall.arguments }]
      : [{ type: 'response.content_part.added', ...place, content_index: 0, part }]),
    ...Array.from({ length: isTool ? 0 : CHUNK_COUNT }, () => ({
      type: 'response.output_text.delta',
      ...place,
      content_index: 0,
      delta: `${CANARY} `,
    })),
    { type: 'response.completed', response: responseOf(wire, 'completed') },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

function embeddingsOf({ model }: WireRequest): object {
  const embedding = Buffer.from(Float32Array.of(0.5, -0.5).buffer).toString('base64');
  return {
    object: 'list',
    model: 'embedder-2026',
    data: [{ object: 'embedding', index: 0, embedding }],
    ...(model === 'no-usage' ? {} : { usage: { prompt_tokens: 12, total_tokens: 12 } }),
  };
}
