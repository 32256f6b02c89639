import { readField } from '../model-client/read-fields.ts';

/* The four shapes of JSON-RPC messages that go through a transport of MCP. */

/** What an id may be. */
export type MessageId = string | number;

export interface McpRequest {
  readonly id: MessageId;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

export interface McpResponse {
  readonly id: MessageId;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown } | undefined;
}

export function isRequest(message: unknown): message is McpRequest {
  return typeof readField(message, 'method') === 'string' && idOf(message) !== undefined;
}

export function isResponse(message: unknown): message is McpResponse {
  return readField(message, 'method') === undefined && idOf(message) !== undefined;
}

export function isNotification(message: unknown, method: string): boolean {
  return readField(message, 'method') === method && idOf(message) === undefined;
}

/** Which request a `notifications/cancelled` or, by its token, a `notifications/progress` is about. */
export function subjectOf(message: unknown): MessageId | undefined {
  const params = readField(message, 'params');
  const subject = readField(params, 'requestId') ?? readField(params, 'progressToken');
  return isId(subject) ? subject : undefined;
}

function idOf(message: unknown): MessageId | undefined {
  const id = readField(message, 'id');
  return isId(id) ? id : undefined;
}

function isId(value: unknown): value is MessageId {
  return typeof value === 'string' || typeof value === 'number';
}
