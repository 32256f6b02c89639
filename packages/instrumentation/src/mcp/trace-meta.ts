import { type Context, context, propagation } from '@opentelemetry/api';
import { isHeaderText } from '../conversation/header-text.ts';
import { readField } from '../model-client/read-fields.ts';
import type { McpRequest } from './message.ts';

/** The keys that MCP has set aside in `_meta` (SEP-414, in its specification from 2026-07-28 on). */
const OFFICIAL_KEYS = ['traceparent', 'tracestate', 'baggage'];

/**
 * The same request with the trace in `params._meta`; the caller's own objects stay as they are. Where the
 * application propagates no W3C headers, those that it does propagate.
 */
export function withTraceMeta<Request extends McpRequest>(request: Request, spanContext: Context): Request {
  const carrier: Record<string, string> = {};
  propagation.inject(spanContext, carrier);
  const keys = 'traceparent' in carrier ? OFFICIAL_KEYS : Object.keys(carrier);
  const entries = keys.flatMap((key) => (carrier[key] === undefined ? [] : [[key, carrier[key]] as const]));
  if (entries.length === 0) return request;
  const given = readField(request.params, '_meta');
  const meta = { ...(typeof given === 'object' ? given : {}), ...Object.fromEntries(entries) };
  return { ...request, params: { ...request.params, _meta: meta } };
}

/** The active context, continued by what the request says in `params._meta`. Of that only the trace's keys are read. */
export function extractTraceMeta(request: McpRequest): Context {
  const meta = readField(request.params, '_meta');
  const carrier: Record<string, string> = {};
  for (const key of propagation.fields()) {
    const value = readField(meta, key);
    if (isHeaderText(value)) carrier[key] = value;
  }
  return Object.keys(carrier).length === 0
    ? context.active()
    : propagation.extract(context.active(), carrier);
}
