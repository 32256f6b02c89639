import { agentSources } from './dialects.ts';

/*
 * Namespaces of the OpenTelemetry conventions and of the dialects we read. What stands under them is metadata
 * (content is named in content-keys.ts, which wins). Long free text under any other key of an agent span is
 * taken for content.
 */
const knownPrefixes: readonly string[] = [
  'ai.model.',
  'ai.operationid',
  'ai.response.finishreason',
  'ai.response.id',
  'ai.response.model',
  'ai.response.mstofirstchunk',
  'ai.telemetry.functionid',
  'ai.toolcall.id',
  'ai.toolcall.name',
  'ai.usage.',
  'agentops.span.kind',
  'aws.',
  'azure.',
  'browser.',
  'client.',
  'cloud.',
  'code.',
  'container.',
  'db.',
  'deployment.',
  'device.',
  'error.type',
  'event.name',
  'exception.type',
  'exception.escaped',
  'faas.',
  'gcp.',
  'gen_ai.agent.',
  'gen_ai.client.',
  'gen_ai.conversation.',
  'gen_ai.data_source.',
  'gen_ai.embeddings.',
  'gen_ai.evaluation.name',
  'gen_ai.evaluation.score.',
  'gen_ai.memory.',
  'gen_ai.operation.',
  'gen_ai.output.type',
  'gen_ai.prompt.',
  'gen_ai.provider.',
  'gen_ai.request.',
  'gen_ai.response.',
  'gen_ai.retrieval.top_k',
  'gen_ai.server.',
  'gen_ai.system',
  'gen_ai.token.',
  'gen_ai.tool.',
  'gen_ai.usage.',
  'gen_ai.workflow.',
  'graphql.operation.',
  'host.',
  'http.',
  'k8s.',
  'langfuse.observation.type',
  'llm.cost.',
  'llm.finish_reason',
  'llm.model_name',
  'llm.provider',
  'llm.request.',
  'llm.response.',
  'llm.system',
  'llm.token_count.',
  'llm.usage.',
  'messaging.',
  'mcp.',
  'net.',
  'network.',
  'openai.',
  'openinference.',
  'os.',
  'peer.',
  'process.',
  'rpc.',
  'server.',
  'service.',
  'telemetry.',
  'thread.',
  'traceloop.span.kind',
  'url.',
  'user_agent.',
];

/** Keys that the normaliser reads: their values stand in columns anyway. */
const readKeys = new Set(agentSources.map(({ key }) => key));

/** True for a key whose meaning some table names, and which is no content by that meaning. */
export function isKnownKey(key: string): boolean {
  if (readKeys.has(key)) return true;
  const lower = key.toLowerCase();
  return knownPrefixes.some((prefix) => lower.startsWith(prefix));
}
