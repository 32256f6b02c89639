import type { TraceColumns, TraceId, UnixNano } from '@spanwise/model';
import type { InstrumentationNote } from '../rows/instrumentation-note.ts';

/**
 * What the settle job reads and writes: facts that only whole traces tell. A trace is never complete, so each
 * trace whose spans change is settled again, and its facts are replaced.
 */
export interface SettleStore {
  /** All traces with spans of segments up to this one are settled; 0: none is. */
  settledSeq(): Promise<bigint>;
  /**
   * Traces that got spans with segments after `after`, a few segments at a time. `upTo`: the last segment that is
   * proven. Absence: undefined when nothing was stored in between.
   */
  changedTraces(after: bigint, upTo: bigint): Promise<ChangedTraces | undefined>;
  /** Traces without spans are left out; the order is another one. */
  wholeTraces(tenant: number, ids: readonly TraceId[]): Promise<readonly WholeTrace[]>;
  /**
   * Collects facts that then replace those of the same traces with one insert: the engine merges many small ones
   * again and again. `path`: of a file that may be written, of this one alone. `settledSeq`: the facts are of all
   * segments up to this one.
   */
  collectFacts(settledSeq: bigint, path: string): Promise<CollectedFacts>;
  /** Remembers that everything up to this segment is settled. */
  markSettled(seq: bigint): Promise<void>;
}

export interface CollectedFacts {
  /** Of traces that were not added before. */
  add(facts: readonly TraceFacts[]): Promise<void>;
  /** Replaces, unless nothing was added. The file is gone afterwards, whatever happens. */
  replace(): Promise<void>;
  /** Forgets everything; harmless after `replace`. */
  discard(): Promise<void>;
}

export interface ChangedTraces {
  /** The traces of all segments up to this one are here. */
  readonly seq: bigint;
  /** By tenant, by the day they began, and by id: neighbours here are neighbours where their spans are stored. */
  readonly traces: readonly ChangedTrace[];
}

export interface ChangedTrace {
  readonly tenant: number;
  readonly traceId: TraceId;
  /** How many traces this one stands for, by the spans that came; 1 when not sampled. */
  readonly adjustedCount: number;
}

export interface WholeTrace {
  /** Without the marks of events, links and log records; with dictionaries that other traces share. */
  readonly columns: TraceColumns;
  /** Spans that consumed what another service's span had sent: by their links, in this trace or another. */
  readonly messages: readonly Message[];
}

export interface Message {
  readonly producer: string;
  readonly consumer: string;
  readonly hasError: boolean;
  /** Of the consuming span. */
  readonly durationNanos: number;
}

export interface TraceFacts {
  readonly tenant: number;
  readonly traceId: TraceId;
  readonly startTimeUnixNano: UnixNano;
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly orphanCount: number;
  readonly root?: { readonly service: string; readonly name: string };
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly errorCount: number;
  }[];
  readonly adjustedCount: number;
  /** Each call once, though caller and proxy both report it; -1: unknown. */
  readonly usage: {
    readonly modelCalls: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** US dollars of the calls whose cost is known, and how many are not. */
    readonly cost: number;
    readonly unpricedCalls: number;
    readonly models: readonly string[];
  };
  readonly calls: readonly CallFacts[];
  readonly agentUses: readonly AgentUseFacts[];
  readonly modelUsage: readonly ModelUsageFacts[];
  /** What is wrong with how services sent it, as far as the whole trace tells. */
  readonly flaws: readonly Pick<InstrumentationNote, 'service' | 'what' | 'count'>[];
}

interface Counted {
  readonly callCount: number;
  readonly errorCount: number;
  readonly totalNanos: number;
}

export interface CallFacts extends Counted {
  readonly caller: string;
  readonly callee: string;
  /** By a link of a consumer, not by a parent. */
  readonly isMessage: boolean;
  /** Of the callee's spans, by `bucketOfDuration` of @spanwise/model. */
  readonly buckets: ReadonlyMap<number, number>;
}

export interface AgentUseFacts extends Counted {
  /** Name of the agent; empty: no agent was around. */
  readonly agent: string;
  /** `agent:planner`, `tool:search`, `model:gpt-4.1`, `retrieval:…`. */
  readonly used: string;
}

export interface ModelUsageFacts extends Counted {
  /** That called. */
  readonly service: string;
  /** Empty where nobody named it. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number;
  readonly unpricedCalls: number;
}
