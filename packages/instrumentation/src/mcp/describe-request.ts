import type { Attributes, Context } from '@opentelemetry/api';
import { attributeKey, genAiOperation, maskResourceUri } from '@spanwise/semconv';
import { readField, readNumber, readText } from '../model-client/read-fields.ts';
import { activeToolName } from '../traced/active-tool.ts';
import type { McpRequest } from './message.ts';

const TOOL_CALL = 'tools/call';

/** What methods, tools and prompts are called. The other side may send any text there, a model a sentence. */
const NAME = /^[\w$./-]{1,128}$/;

/** Numbers and UUIDs are shorter. */
const MAX_ID_CHARACTERS = 64;

export interface McpRequestDescription {
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * Name and attributes of a request by the conventions: method, tool or prompt, id. Of a resource's URI only
 * scheme and host; no argument.
 */
export function describeRequest(request: McpRequest, active: Context): McpRequestDescription {
  const method = nameOf(request.method);
  const given =
    method === TOOL_CALL || method === 'prompts/get' ? readText(request.params, 'name') : undefined;
  const subject = given === undefined ? undefined : nameOf(given);
  const uri = readText(request.params, 'uri');
  const attributes: Attributes = {
    [attributeKey.mcpMethodName]: method,
    [attributeKey.jsonRpcRequestId]: String(request.id).slice(0, MAX_ID_CHARACTERS),
    [attributeKey.mcpResourceUri]: uri === undefined ? undefined : maskResourceUri(uri),
    [attributeKey.promptName]: method === 'prompts/get' ? subject : undefined,
  };
  // Directly inside `traced.tool()` that span is the tool's call, and this one the way to it.
  if (method === TOOL_CALL && activeToolName(active) !== subject) {
    attributes[attributeKey.operationName] = genAiOperation.executeTool;
    attributes[attributeKey.toolName] = subject;
  }
  return { name: subject === undefined ? method : `${method} ${subject}`, attributes };
}

function nameOf(given: string): string {
  return NAME.test(given) ? given : '_OTHER';
}

/** Where messages go: `pipe` for stdio; over HTTP also the server's address. As far as the transport tells. */
export function describeTransport(transport: object): Attributes {
  const className = transport.constructor?.name ?? '';
  const url = readField(transport, '_url');
  const attributes: Attributes = {
    [attributeKey.mcpSessionId]: readText(transport, 'sessionId'),
  };
  if (/stdio/i.test(className)) attributes[attributeKey.networkTransport] = 'pipe';
  else if (/http|sse|websocket/i.test(className)) attributes[attributeKey.networkTransport] = 'tcp';
  if (url instanceof URL) {
    attributes[attributeKey.serverAddress] = url.hostname;
    attributes[attributeKey.serverPort] =
      url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  }
  return attributes;
}

/** `2025-11-25` from an answered `initialize`, else what the request says itself (from 2026-07-28 on). */
export function protocolVersionOf(value: unknown): string | undefined {
  const meta = readField(readField(value, 'params'), '_meta');
  return (
    readText(readField(value, 'result'), 'protocolVersion') ??
    readText(meta, 'io.modelcontextprotocol/protocolVersion')
  );
}

/** Code of a JSON-RPC error; absent for a result. */
export function errorCodeOf(response: unknown): number | undefined {
  const error = readField(response, 'error');
  return error === undefined ? undefined : (readNumber(error, 'code') ?? 0);
}
