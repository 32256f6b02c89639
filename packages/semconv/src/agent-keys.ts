import { createPrefixMatcher } from './prefix-matcher.ts';

/*
 * Keys that only steps of agents carry: of any dialect that `agentSources` reads or `contentKeyPrefixes` drops.
 * Left out is what ordinary services set as well, such as `session.id`, `user.id`, `metadata` or `http.*`.
 * Sources: those of content-keys.ts; agentops/semconv for `agent.*`; OpenInference for `graph.node.*`.
 */

/** A key that begins with one of these is an agent's; `a.` also means `a` itself. Compared in lower case. */
export const agentKeyPrefixes: readonly string[] = [
  'gen_ai.',
  'mcp.',
  'a2a.',
  'openai.',
  'anthropic.',
  'cohere.',
  'aws.bedrock.',
  'azure.ai.',
  'gcp.vertex.agent.',
  // OpenInference
  'openinference.',
  'llm.',
  'agent.name',
  'agent.id',
  'agent.role',
  'agent.reasoning',
  'embedding.',
  'graph.node.',
  'input.value',
  'input.mime_type',
  'output.value',
  'output.mime_type',
  'reranker.',
  'retrieval.',
  'tool.',
  'tool_call.',
  // Vercel AI SDK
  'ai.',
  // OpenLLMetry, Laminar, Langfuse, LangSmith, MLflow, AgentOps, Genkit, Pydantic AI, LiveKit
  'traceloop.',
  'lmnr.',
  'langfuse.',
  'langsmith.',
  'mlflow.',
  'agentops.',
  'genkit:',
  'pydantic_ai.',
  'lk.',
];

const beginsAsAgentKey = createPrefixMatcher(agentKeyPrefixes);

/**
 * True for a key that makes its span, event or log record a step of an agent: there, exception messages, stacks
 * and status texts may quote prompts and answers.
 */
export function isAgentKey(key: string): boolean {
  return beginsAsAgentKey(key.toLowerCase());
}
