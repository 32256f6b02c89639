import { spanKinds, statusCodes } from '@spanwise/model';

/** What can be said of a field. `choice`: equal or not, to one of some words. */
export interface IntrinsicKind {
  readonly type: 'text' | 'duration' | 'number' | 'choice' | 'boolean';
  /** Of whom it speaks. */
  readonly of: 'span' | 'trace';
  readonly words?: readonly string[];
  readonly meaning: string;
}

/** Fields that are no attributes. docs/filter-language.md shows the same table; a test compares them. */
export const intrinsics = {
  service: { type: 'text', of: 'span', meaning: 'service that sent the span' },
  name: { type: 'text', of: 'span', meaning: 'name of the span' },
  kind: {
    type: 'choice',
    of: 'span',
    words: Object.keys(spanKinds),
    meaning: 'role of the span in a call',
  },
  status: { type: 'choice', of: 'span', words: Object.keys(statusCodes), meaning: 'how the span ended' },
  status_message: { type: 'text', of: 'span', meaning: 'what the status says' },
  duration: { type: 'duration', of: 'span', meaning: 'how long the span took' },
  root: { type: 'boolean', of: 'span', meaning: 'whether the span has no parent' },
  operation: { type: 'text', of: 'span', meaning: 'agent operation: `chat`, `execute_tool`, `invoke_agent`' },
  provider: { type: 'text', of: 'span', meaning: 'provider of the model' },
  model: { type: 'text', of: 'span', meaning: 'model that answered, or was asked' },
  agent: { type: 'text', of: 'span', meaning: 'name of the agent' },
  tool: { type: 'text', of: 'span', meaning: 'name of the tool' },
  conversation: { type: 'text', of: 'span', meaning: 'conversation that the span belongs to' },
  tokens: { type: 'number', of: 'span', meaning: 'tokens in and out, where known' },
  input_tokens: { type: 'number', of: 'span', meaning: 'tokens in, where known' },
  output_tokens: { type: 'number', of: 'span', meaning: 'tokens out, where known' },
  cost: { type: 'number', of: 'span', meaning: 'cost in US dollars, where known' },
  event_name: { type: 'text', of: 'span', meaning: 'name of an event of the span' },
  scope_name: { type: 'text', of: 'span', meaning: 'library that made the span' },
  trace_duration: { type: 'duration', of: 'trace', meaning: 'earliest start to latest end of the trace' },
  root_service: { type: 'text', of: 'trace', meaning: 'service of the root span' },
  root_name: { type: 'text', of: 'trace', meaning: 'name of the root span' },
  span_count: { type: 'number', of: 'trace', meaning: 'spans of the trace' },
  error_count: { type: 'number', of: 'trace', meaning: 'spans with status error' },
} as const satisfies Record<string, IntrinsicKind>;

export type IntrinsicName = keyof typeof intrinsics;

export const intrinsicNames = Object.keys(intrinsics) as readonly IntrinsicName[];

/** Absence: undefined for what is no name of a field. */
export function findIntrinsic(name: string): IntrinsicName | undefined {
  return Object.hasOwn(intrinsics, name) ? (name as IntrinsicName) : undefined;
}

export function intrinsicKind(name: IntrinsicName): IntrinsicKind {
  return intrinsics[name];
}
