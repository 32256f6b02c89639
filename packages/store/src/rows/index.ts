/** The rows part of the store's surface, for decode workers: loads no engine. */
export { columnsOf, type Signal, schemaVersion, structureOf } from '../schema/columns.ts';
export type { AgentFields } from './agent-columns.ts';
export { ByteWriter } from './byte-writer.ts';
export { type AttributeLevel, type CatalogueEntry, catalogueKeysPerDay } from './catalogue-entry.ts';
export { type FoundRows, findRows, type RowsToFind } from './find-rows.ts';
export {
  type InstrumentationFlaw,
  type InstrumentationNote,
  instrumentationFlaws,
} from './instrumentation-note.ts';
export { encodeLogRow, type LogRowDetails } from './log-row.ts';
export { patchRows } from './patch-rows.ts';
export { type PayloadPlace, PayloadWriter, payloadPlaces } from './payload.ts';
export { encodeResource, encodeScope } from './producer.ts';
export { encodeEvent, encodeLink, encodeRowEnd, encodeSpanRow, type SpanRowDetails } from './span-row.ts';
