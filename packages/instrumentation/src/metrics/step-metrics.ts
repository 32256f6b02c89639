import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Span,
  trace,
} from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { activeAgentName } from '../privacy/content-capture.ts';
import { currentInstruments, type Instruments } from './instruments.ts';
import { secondsSince } from './seconds-since.ts';

/**
 * Records one step when it ends. `failure` is its `error.type`, `endTime` is in epoch milliseconds, now if
 * absent; `span` is what an exemplar points to.
 */
export type StepMeasure = (span: Span, failure: string | undefined, endTime?: number) => void;

/** What an agent does itself in one turn; what its sub-agents do counts for them. */
interface AgentTurn {
  inferenceCalls: number;
  toolCalls: number;
}

const AGENT_TURN = createContextKey('Spanwise: the counts of the agent whose turn it is');

export interface MeasuredAgent {
  readonly measure: StepMeasure | undefined;
  /** Where the agent's own calls are counted. */
  readonly turnContext: Context;
}

/** @param attributes Of the agent's span, at its start. */
export function measureAgent(attributes: Attributes, parent: Context): MeasuredAgent {
  const instruments = currentInstruments();
  if (instruments === undefined) return { measure: undefined, turnContext: parent };
  const turn: AgentTurn = { inferenceCalls: 0, toolCalls: 0 };
  const agent = { [attributeKey.agentName]: attributes[attributeKey.agentName] };
  const model = { [attributeKey.requestModel]: attributes[attributeKey.requestModel] };
  const duration = measure(instruments.agentDuration, { ...agent, ...model });
  return {
    measure: (span, failure, endTime) => {
      duration(span, failure, endTime);
      const spanContext = trace.setSpan(context.active(), span);
      instruments.agentInferenceCalls.record(turn.inferenceCalls, agent, spanContext);
      instruments.agentToolCalls.record(turn.toolCalls, agent, spanContext);
    },
    turnContext: parent.setValue(AGENT_TURN, turn),
  };
}

/** @param attributes Of the workflow's span, at its start. */
export function measureWorkflow(attributes: Attributes): StepMeasure | undefined {
  const instruments = currentInstruments();
  return (
    instruments &&
    measure(instruments.workflowDuration, {
      [attributeKey.workflowName]: attributes[attributeKey.workflowName],
    })
  );
}

/** Counts the tool for the agent in `parent` as well. @param attributes Of the tool's span, at its start. */
export function measureTool(attributes: Attributes, parent: Context): StepMeasure | undefined {
  const instruments = currentInstruments();
  if (instruments === undefined) return undefined;
  const turn = turnOf(parent);
  if (turn !== undefined) turn.toolCalls += 1;
  return measure(instruments.toolDuration, {
    [attributeKey.toolName]: attributes[attributeKey.toolName],
    [attributeKey.toolType]: attributes[attributeKey.toolType],
    [attributeKey.agentName]: activeAgentName(parent),
  });
}

/** A call to a model that writes an answer was made in `parent`. */
export function countInference(parent: Context): void {
  const turn = turnOf(parent);
  if (turn !== undefined) turn.inferenceCalls += 1;
}

function turnOf(active: Context): AgentTurn | undefined {
  return active.getValue(AGENT_TURN) as AgentTurn | undefined;
}

function measure(histogram: Instruments['toolDuration'], dimensions: Attributes): StepMeasure {
  const startedAt = performance.now();
  return (span, failure, endTime) => {
    const all = failure === undefined ? dimensions : { ...dimensions, [attributeKey.errorType]: failure };
    histogram.record(secondsSince(startedAt, endTime), all, trace.setSpan(context.active(), span));
  };
}
