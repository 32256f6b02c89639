/** The rows part of the store's surface, for decode workers: loads no engine. */
export { columnsOf, type Signal, schemaVersion, structureOf } from '../schema/columns.ts';
export { type AgentFields, maxLabelBytes } from './agent-columns.ts';
export { formatAttributeText, parseAttributeText } from './attributes.ts';
export { ByteWriter } from './byte-writer.ts';
export { encodeLogRow, type LogRowDetails } from './log-row.ts';
export { formatNestedValue, parseNestedValue } from './nested-value.ts';
export { patchRows } from './patch-rows.ts';
export { encodeResource, encodeScope } from './producer.ts';
export { encodeEvent, encodeLink, encodeRowEnd, encodeSpanRow, type SpanRowDetails } from './span-row.ts';
