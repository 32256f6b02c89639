import { createNoopMeter, type Histogram, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts';

/* Bucket boundaries of the conventions (semantic-conventions-genai `docs/gen-ai/gen-ai-metrics.md`, `mcp.md`). */

/** Of model calls and tools, in seconds: 0.01 to 81.92, each twice the one before. */
const CALL_SECONDS = powers(0.01, 2, 14);
/** Of an agent's turn: 0.1 to 409.6. */
const AGENT_SECONDS = powers(0.1, 2, 13);
/** Workflows may wait for people. */
const WORKFLOW_SECONDS = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const MCP_SECONDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const TOKENS = powers(1, 4, 14);
const CALLS = powers(1, 2, 8);

export interface Instruments {
  readonly modelDuration: Histogram;
  readonly modelTokens: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerOutputChunk: Histogram;
  readonly workflowDuration: Histogram;
  readonly agentDuration: Histogram;
  readonly agentInferenceCalls: Histogram;
  readonly agentToolCalls: Histogram;
  readonly toolDuration: Histogram;
  readonly mcpClientDuration: Histogram;
  readonly mcpServerDuration: Histogram;
  readonly mcpClientSession: Histogram;
  readonly mcpServerSession: Histogram;
}

let provider: MeterProvider | undefined;
/** Absent while the application has no metrics. */
let instruments: Instruments | undefined;

/**
 * Our histograms, through the metrics API: absent, at the cost of a comparison, unless the application has set
 * up metrics. It may do so after the first call.
 */
export function currentInstruments(): Instruments | undefined {
  const current = metrics.getMeterProvider();
  if (provider === current) return instruments;
  provider = current;
  const meter = current.getMeter(SCOPE_NAME, SCOPE_VERSION);
  instruments = meter === createNoopMeter() ? undefined : createInstruments(meter);
  return instruments;
}

function createInstruments(meter: Meter): Instruments {
  const histogram = (name: string, unit: string, boundaries: number[], description: string) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } });
  const seconds = (name: string, boundaries: number[], description: string) =>
    histogram(name, 's', boundaries, description);
  return {
    modelDuration: seconds(
      'gen_ai.client.operation.duration',
      CALL_SECONDS,
      'Duration of a call to a model.',
    ),
    modelTokens: histogram('gen_ai.client.token.usage', '{token}', TOKENS, 'Tokens that a call used.'),
    timeToFirstChunk: seconds(
      'gen_ai.client.operation.time_to_first_chunk',
      CALL_SECONDS,
      'Time until the first chunk of a streamed answer.',
    ),
    timePerOutputChunk: seconds(
      'gen_ai.client.operation.time_per_output_chunk',
      CALL_SECONDS,
      'Time between a chunk of a streamed answer and the one before.',
    ),
    workflowDuration: seconds(
      'gen_ai.invoke_workflow.duration',
      WORKFLOW_SECONDS,
      'Duration of a run of a workflow.',
    ),
    agentDuration: seconds('gen_ai.invoke_agent.duration', AGENT_SECONDS, "Duration of an agent's turn."),
    agentInferenceCalls: histogram(
      'gen_ai.invoke_agent.inference_calls',
      '{inference_call}',
      CALLS,
      'Calls to models that an agent made itself in a turn.',
    ),
    agentToolCalls: histogram(
      'gen_ai.invoke_agent.tool_calls',
      '{tool_call}',
      CALLS,
      'Tools that an agent called itself in a turn.',
    ),
    toolDuration: seconds('gen_ai.execute_tool.duration', CALL_SECONDS, 'Duration of a call of a tool.'),
    mcpClientDuration: seconds(
      'mcp.client.operation.duration',
      MCP_SECONDS,
      'Duration of an MCP request as its sender sees it.',
    ),
    mcpServerDuration: seconds(
      'mcp.server.operation.duration',
      MCP_SECONDS,
      'Duration of an MCP request as its receiver sees it.',
    ),
    mcpClientSession: seconds('mcp.client.session.duration', MCP_SECONDS, 'Duration of an MCP session.'),
    mcpServerSession: seconds('mcp.server.session.duration', MCP_SECONDS, 'Duration of an MCP session.'),
  };
}

/** `count` numbers from `first` on, each `factor` times the one before, without the noise of binary fractions. */
function powers(first: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, exponent) => Number((first * factor ** exponent).toPrecision(12)));
}
