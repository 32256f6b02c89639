import { ByteWriter } from '../rows/byte-writer.ts';
import type { TraceFacts } from '../settle/settle-store.ts';

const counts = 'UInt32, UInt32';

/** Columns of `trace_summary` that a row has when it is written, in its order. */
export const factColumns: readonly (readonly [name: string, type: string])[] = [
  ['tenant', 'UInt32'],
  ['start', "DateTime64(9, 'UTC')"],
  ['trace_id', 'FixedString(16)'],
  ['settled_seq', 'UInt64'],
  ['duration', 'UInt64'],
  ['span_count', 'UInt32'],
  ['error_count', 'UInt32'],
  ['orphan_count', 'UInt32'],
  ['has_root', 'Bool'],
  ['root_service', 'String'],
  ['root_name', 'String'],
  ['services', `Array(Tuple(String, ${counts}))`],
  ['models', 'Array(String)'],
  ['model_calls', 'UInt32'],
  ['input_tokens', 'Int64'],
  ['output_tokens', 'Int64'],
  ['cost', 'Float64'],
  ['unpriced_calls', 'UInt32'],
  ['adjusted_count', 'Float64'],
  ['calls', `Array(Tuple(String, String, Bool, ${counts}, Float64, Map(UInt16, UInt32)))`],
  ['agent_uses', `Array(Tuple(String, String, ${counts}, Float64))`],
  ['model_usage', `Array(Tuple(String, String, ${counts}, Int64, Int64, Float64))`],
  ['model_costs', 'Array(Tuple(Float64, UInt32))'],
  ['flaws', 'Array(Tuple(String, String, UInt32))'],
];

/** RowBinary of `factColumns`. */
export function encodeFacts(facts: readonly TraceFacts[], settledSeq: bigint): Uint8Array {
  const writer = new ByteWriter(facts.length * 512);
  for (const trace of facts) encodeTrace(writer, trace, settledSeq);
  return writer.copy();
}

function encodeTrace(writer: ByteWriter, trace: TraceFacts, settledSeq: bigint): void {
  const { root, usage } = trace;
  writer.uint32(trace.tenant);
  word(writer, trace.startTimeUnixNano);
  writer.raw(Buffer.from(trace.traceId, 'hex'));
  word(writer, settledSeq);
  writer.int64(trace.durationNanos);
  writer.uint32(trace.spanCount);
  writer.uint32(trace.errorCount);
  writer.uint32(trace.orphanCount);
  writer.uint8(root === undefined ? 0 : 1);
  writer.string(root?.service ?? '');
  writer.string(root?.name ?? '');
  list(writer, trace.services, ({ name, spanCount, errorCount }) => {
    writer.string(name);
    writer.uint32(spanCount);
    writer.uint32(errorCount);
  });
  list(writer, usage.models, (model) => writer.string(model));
  writer.uint32(usage.modelCalls);
  writer.int64(usage.inputTokens);
  writer.int64(usage.outputTokens);
  writer.float64(usage.cost);
  writer.uint32(usage.unpricedCalls);
  writer.float64(trace.adjustedCount);
  list(writer, trace.calls, (call) => {
    writer.string(call.caller);
    writer.string(call.callee);
    writer.uint8(call.isMessage ? 1 : 0);
    writer.uint32(call.callCount);
    writer.uint32(call.errorCount);
    writer.float64(call.totalNanos);
    list(writer, [...call.buckets], ([bucket, count]) => {
      writer.uint8(bucket & 0xff);
      writer.uint8(bucket >> 8);
      writer.uint32(count);
    });
  });
  list(writer, trace.agentUses, (use) => {
    writer.string(use.agent);
    writer.string(use.used);
    writer.uint32(use.callCount);
    writer.uint32(use.errorCount);
    writer.float64(use.totalNanos);
  });
  list(writer, trace.modelUsage, (used) => {
    writer.string(used.service);
    writer.string(used.model);
    writer.uint32(used.callCount);
    writer.uint32(used.errorCount);
    writer.int64(used.inputTokens);
    writer.int64(used.outputTokens);
    writer.float64(used.totalNanos);
  });
  list(writer, trace.modelUsage, ({ cost, unpricedCalls }) => {
    writer.float64(cost);
    writer.uint32(unpricedCalls);
  });
  list(writer, trace.flaws, ({ service, what, count }) => {
    writer.string(service);
    writer.string(what);
    writer.uint32(count);
  });
}

function list<T>(writer: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  writer.varint(items.length);
  for (const item of items) write(item);
}

function word(writer: ByteWriter, value: bigint): void {
  writer.word64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}
