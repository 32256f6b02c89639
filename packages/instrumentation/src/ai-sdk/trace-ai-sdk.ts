import { type Context, context, createContextKey, diag } from '@opentelemetry/api';
import type { ModelCall } from '../model-client/model-call.ts';
import { readField, readNumber, readText } from '../model-client/read-fields.ts';
import { errorType } from '../traced/error-type.ts';
import { followModelStream } from './follow-model-stream.ts';
import {
  type StartedCall,
  type StartedSpan,
  startEmbedding,
  startMedia,
  startModelCall,
  startOperation,
  startRerank,
  startTool,
} from './operations.ts';

/** The AI SDK's tracing channel, from its version 7 on (vercel/ai `packages/ai/src/telemetry/tracing-channel.ts`). */
const CHANNEL = 'ai:telemetry';

/** The `generateText` or `streamText`, and the step of it, that the context belongs to. */
const OPERATION = createContextKey('Spanwise: the operation of the AI SDK');
const STEP = createContextKey('Spanwise: the step of the AI SDK');

/** A minute: a reader that thinks that long about a part has most likely gone. */
const ABANDONED_AFTER_MILLIS = 60_000;

export interface TraceAiSdkOptions {
  /**
   * 60,000. The AI SDK does not tell when a stream is left (`break`) without its `abortSignal`. After this time
   * without being read, its spans end with the moment of the last part.
   */
  readonly abandonedAfterMillis?: number | undefined;
}

/** One request to the model and its retries, which the AI SDK tells as calls of their own. */
interface OpenStep {
  call: StartedCall | undefined;
  /** What the last attempt threw, while another may follow. */
  failure: { readonly thrown: unknown } | undefined;
  attempts: number;
}

/** `generateText` or `streamText`. */
interface Operation extends StartedSpan {
  readonly isStream: boolean;
  readonly maxRetries: number;
  readonly abandonedAfterMillis: number;
  readonly openCalls: Set<ModelCall>;
}

/** What has been started for a message of the channel, which is the same object at start and end. */
type Started =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'step'; readonly step: OpenStep }
  | {
      readonly kind: 'model';
      readonly call: ModelCall;
      readonly step: OpenStep | undefined;
      readonly operation: Operation | undefined;
    }
  | { readonly kind: 'tool'; readonly tool: StartedSpan }
  | { readonly kind: 'call'; readonly call: ModelCall };

interface Traced {
  readonly started: Started;
  readonly spanContext: Context;
}

let stopCurrent: (() => void) | undefined;

/** What the AI SDK does if it is not told otherwise. */
const DEFAULT_MAX_RETRIES = 2;

/**
 * Gives each call of the Vercel AI SDK (`ai` 7) its spans, through the tracing channel that it publishes to,
 * without a change to the code that calls it: `chat {model}` for each request to a model, `execute_tool
 * {tool}`, `embeddings {model}`…, below one span for `generateText` or `streamText` (`invoke_agent
 * {functionId}` if `telemetry.functionId` names it). No prompt and no answer is read, unless a rule allows to
 * keep it, whatever the AI SDK's own `recordInputs` say.
 *
 * A second call changes nothing.
 *
 * @returns Stops it again.
 */
export function traceAiSdk(options: TraceAiSdkOptions = {}): () => void {
  if (stopCurrent !== undefined) return stopCurrent;
  const channels = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel');
  if (channels === undefined) {
    diag.warn('traceAiSdk: this runtime has no diagnostics channels; calls of the AI SDK make no spans');
    return () => {};
  }
  const channel = channels.tracingChannel(CHANNEL);
  const open = new WeakMap<object, Started>();

  // A store is anything that runs a function with a value: here, in an OpenTelemetry context.
  const store = { run: (value: Context, fn: () => unknown) => context.with(value, fn) };
  const begin = (message: object): Context => {
    try {
      const traced = start(message, options.abandonedAfterMillis ?? ABANDONED_AFTER_MILLIS);
      if (traced === undefined) return context.active();
      open.set(message, traced.started);
      return traced.spanContext;
    } catch (thrown) {
      diag.debug(`An event of the AI SDK could not be read for a span: ${errorType(thrown)}`);
      return context.active();
    }
  };
  const finish = (message: unknown) => {
    const started = open.get(message as object);
    if (started === undefined) return;
    open.delete(message as object);
    end(started, message as object);
  };
  channel.start.bindStore(store as never, begin as never);
  channel.asyncEnd.subscribe(finish);
  const stop = () => {
    if (stopCurrent === stop) stopCurrent = undefined;
    channel.start.unbindStore(store as never);
    channel.asyncEnd.unsubscribe(finish);
  };
  stopCurrent = stop;
  return stop;
}

function start(message: object, abandonedAfterMillis: number): Traced | undefined {
  const event = readField(message, 'event');
  const type = readText(message, 'type');
  switch (type) {
    case 'generateText':
    case 'streamText': {
      const operation: Operation = {
        ...startOperation(event),
        isStream: type === 'streamText',
        maxRetries: readNumber(event, 'maxRetries') ?? DEFAULT_MAX_RETRIES,
        abandonedAfterMillis,
        openCalls: new Set(),
      };
      const spanContext = operation.spanContext.setValue(OPERATION, operation).setValue(STEP, undefined);
      return { started: { kind: 'operation', operation }, spanContext };
    }
    case 'step': {
      const step: OpenStep = { call: undefined, failure: undefined, attempts: 0 };
      return { started: { kind: 'step', step }, spanContext: context.active().setValue(STEP, step) };
    }
    case 'languageModelCall':
      return startAttempt(event);
    case 'executeTool': {
      const tool = startTool(event);
      return { started: { kind: 'tool', tool }, spanContext: tool.spanContext };
    }
    case 'embed':
    case 'embedMany':
      return whole(startEmbedding(event));
    case 'rerank':
      return whole(startRerank(event));
    case 'generateSpeech':
      return whole(startMedia(event, 'speech'));
    case 'transcribe':
    case 'streamTranscribe':
      return whole(startMedia(event, 'text'));
    default:
      return undefined;
  }
}

function whole({ call, spanContext }: StartedCall): Traced {
  return { started: { kind: 'call', call }, spanContext };
}

function startAttempt(event: unknown): Traced {
  const active = context.active();
  const step = active.getValue(STEP) as OpenStep | undefined;
  const operation = active.getValue(OPERATION) as Operation | undefined;
  const isRetry = step?.failure !== undefined && step.call !== undefined;
  const started = isRetry ? (step.call as StartedCall) : startModelCall(event, operation?.isStream);
  if (step !== undefined) {
    step.call = started;
    step.failure = undefined;
    step.attempts += 1;
  }
  operation?.openCalls.add(started.call);
  started.call.startAttempt();
  return {
    started: { kind: 'model', call: started.call, step, operation },
    // Of a retry the active span is the same; what hangs below the step does so again.
    spanContext: started.spanContext,
  };
}

function end(started: Started, message: object): void {
  const failure = 'error' in message ? { thrown: message.error } : undefined;
  const result = readField(message, 'result');
  switch (started.kind) {
    case 'operation':
      endOperation(started.operation, failure);
      break;
    case 'step':
      if (started.step.failure !== undefined) {
        started.step.call?.call.fail(failureOf(started.step.failure.thrown));
      }
      break;
    case 'model':
      endAttempt(started, result, failure);
      break;
    case 'tool':
      endTool(started.tool, result, failure);
      break;
    case 'call':
      if (failure === undefined) started.call.readAnswer(result);
      else started.call.fail(failureOf(failure.thrown));
      break;
  }
}

function endAttempt(
  { call, step, operation }: Extract<Started, { kind: 'model' }>,
  result: unknown,
  failure: { readonly thrown: unknown } | undefined,
): void {
  if (failure !== undefined) {
    call.endAttempt({ status: readField(failure.thrown, 'statusCode') });
    const mayRetry = step !== undefined && step.attempts <= (operation?.maxRetries ?? DEFAULT_MAX_RETRIES);
    if (mayRetry && readField(failure.thrown, 'isRetryable') === true) {
      step.failure = failure;
      return;
    }
    call.fail(failureOf(failure.thrown));
    if (operation !== undefined) endOperation(operation, failure);
    return;
  }
  const stream = readField(result, 'stream');
  if (!(stream instanceof ReadableStream)) {
    call.readAnswer(result);
    return;
  }
  followModelStream(stream, call, operation?.abandonedAfterMillis ?? ABANDONED_AFTER_MILLIS, {
    onLeft: (endTime) => operation?.life.end(endTime),
    onFailed: (thrown) => operation?.life.fail(failureOf(thrown)),
  });
}

/** A stream's end may be told to the operation alone: what is still open ends with it. */
function endOperation(
  { life, openCalls }: Operation,
  failure: { readonly thrown: unknown } | undefined,
): void {
  for (const call of openCalls) {
    if (failure === undefined) call.end();
    else call.fail(failureOf(failure.thrown));
  }
  openCalls.clear();
  if (failure === undefined) life.end();
  else life.fail(failureOf(failure.thrown));
}

/** A tool that fails throws nothing: the AI SDK tells its error to the model. */
function endTool(
  { span, life, spanContext }: StartedSpan,
  result: unknown,
  failure: { readonly thrown: unknown } | undefined,
): void {
  if (failure !== undefined) {
    life.fail(failure.thrown);
    return;
  }
  const output = readField(result, 'output');
  if (readText(output, 'type') === 'tool-error') {
    const type = errorType(readField(output, 'error'));
    // A plain `Error` says nothing that the conventions' word does not.
    span.recordError(type === 'Error' || type === '_OTHER' ? 'tool_error' : type);
  }
  context.with(spanContext, () => span.recordContent({ toolResult: () => readField(output, 'output') }));
  life.end();
}

/** The AI SDK's errors put a number where others have `status`, and the last of several attempts apart. */
function failureOf(thrown: unknown): unknown {
  const last = readField(thrown, 'lastError') ?? thrown;
  const status = readField(last, 'statusCode');
  if (status === undefined) return last;
  return { status, name: readText(last, 'name'), constructor: (last as object).constructor };
}
