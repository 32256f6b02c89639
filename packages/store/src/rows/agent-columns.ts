import type { AttributeList } from '@spanwise/model';
import type { ByteWriter } from './byte-writer.ts';

/**
 * What the normaliser found on one span, for `agentColumns`. Overwritten by the next agent span. Texts that
 * stay as sent are indexes into the span's attributes (-1: absent); counts and times: -1 is unknown.
 */
export interface AgentFields {
  dialect: string;
  operation: string;
  provider: string;
  requestModelIndex: number;
  responseModelIndex: number;
  agentIndex: number;
  toolIndex: number;
  conversationIndex: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  firstChunkNanos: number;
  /** NaN while `costState` is 0. */
  cost: number;
  /** 0 unknown, 1 reported, 2 computed. */
  costState: number;
}

/** Names in these columns are cut here: they are for grouping; the attribute keeps the whole. */
export const maxLabelBytes = 256;

export function encodeAgentFields(writer: ByteWriter, attributes: AttributeList, fields: AgentFields): void {
  writer.string(fields.dialect);
  writer.string(fields.operation);
  writer.string(fields.provider);
  writeLabel(writer, attributes, fields.requestModelIndex);
  writeLabel(writer, attributes, fields.responseModelIndex);
  writeLabel(writer, attributes, fields.agentIndex);
  writeLabel(writer, attributes, fields.toolIndex);
  writeLabel(writer, attributes, fields.conversationIndex);
  writer.int64(fields.inputTokens);
  writer.int64(fields.outputTokens);
  writer.int64(fields.cacheReadTokens);
  writer.int64(fields.cacheWriteTokens);
  writer.int64(fields.reasoningTokens);
  writer.int64(fields.firstChunkNanos);
  writer.float64(fields.cost);
  writer.uint8(fields.costState);
}

/** For the many spans that are no step of an agent. */
export function encodeNoAgentFields(writer: ByteWriter): void {
  // Eight empty strings, six times -1, NaN.
  writer.word64(0, 0);
  for (let column = 0; column < 6; column += 1) writer.word64(-1, -1);
  writer.word64(0, 0x7ff8_0000);
  writer.uint8(0);
}

function writeLabel(writer: ByteWriter, attributes: AttributeList, index: number): void {
  if (index < 0) {
    writer.uint8(0);
    return;
  }
  const { bytes, starts } = attributes;
  const start = starts[index]!;
  let end = attributes.ends[index]!;
  if (end - start > maxLabelBytes) {
    end = start + maxLabelBytes;
    // Not in the middle of a character.
    while (end > start && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  }
  writer.text(bytes, start, end);
}
