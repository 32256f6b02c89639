import type { Attributes } from '@opentelemetry/api';
import type { genAiOperation } from '@spanwise/semconv';

/** What every step takes. Attributes given here are set at the start, where a sampler can see them. */
export interface StepOptions {
  /** Metadata about the step. Never prompts, answers, arguments or documents: the export gate drops known keys of those. */
  readonly attributes?: Attributes | undefined;
}

interface NamedStepOptions extends StepOptions {
  /** The span's name, where the convention's (`invoke_agent {name}`…) does not say what your team calls it. */
  readonly spanName?: string | undefined;
}

export interface AgentOptions extends NamedStepOptions {
  readonly name: string;
  readonly id?: string | undefined;
  /** The application's own id of the conversation. Do not make one up from a trace id. */
  readonly conversationId?: string | undefined;
}

export interface WorkflowOptions extends NamedStepOptions {
  /** One of few: it names the kind of workflow, not the run. */
  readonly name: string;
}

export interface ToolOptions extends NamedStepOptions {
  readonly name: string;
  /** The id that the model gave this call. */
  readonly callId?: string | undefined;
  /** `function` runs on the client side, `extension` on the agent's, `datastore` looks up data. */
  readonly type?: 'function' | 'extension' | 'datastore' | undefined;
}

export interface RetrievalOptions extends NamedStepOptions {
  readonly dataSourceId?: string | undefined;
  readonly topK?: number | undefined;
}

export interface RerankOptions extends NamedStepOptions {
  readonly model?: string | undefined;
}

type MemoryOperation = Extract<(typeof genAiOperation)[keyof typeof genAiOperation], `${string}_memory`>;

export interface MemoryOptions extends NamedStepOptions {
  readonly operation: MemoryOperation;
  readonly storeId?: string | undefined;
  readonly recordId?: string | undefined;
}

export interface GuardrailOptions extends NamedStepOptions {
  /** What is checked: `pii`, `jailbreak`… */
  readonly name: string;
  /** Whether it stands before the model or behind it. */
  readonly stage?: 'input' | 'output' | undefined;
}

export interface HandoffOptions extends NamedStepOptions {
  /** The agent that takes over. */
  readonly to: string;
  /** The agent that gives up the conversation. */
  readonly from?: string | undefined;
}

export interface EvaluationOptions extends NamedStepOptions {
  /** The metric: `relevance`, `groundedness`… */
  readonly name: string;
}

/** Where a model is called. */
interface ModelOptions extends StepOptions {
  /** The model asked for. */
  readonly model: string;
  /** The API's flavour as the client sees it: `openai`, `anthropic`, `aws.bedrock`… */
  readonly provider: string;
  /** Host name or address that the call goes to. */
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

export interface EmbeddingOptions extends ModelOptions {
  readonly dimensions?: number | undefined;
  readonly encodingFormats?: readonly string[] | undefined;
}

export interface LlmOptions extends ModelOptions {
  /** `chat` if absent. */
  readonly operation?: 'chat' | 'generate_content' | 'text_completion' | undefined;
  readonly conversationId?: string | undefined;
  readonly stream?: boolean | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly choiceCount?: number | undefined;
  readonly outputType?: 'text' | 'json' | 'image' | 'speech' | undefined;
}
