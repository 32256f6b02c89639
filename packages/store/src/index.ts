export { type AppliedStep, type FrozenTables, freezeTables } from './backup/freeze-tables.ts';
export { restoreTables, type TableParts } from './backup/restore-tables.ts';
export { type CopyOptions, type CopyResult, copyStore } from './copy/copy-store.ts';
export { type DataFolderLock, DataFolderTakenError, lockDataFolder } from './data-folder-lock.ts';
export { createEmbeddedEngine, type EmbeddedEngineOptions } from './embedded/embedded-engine.ts';
export {
  type Engine,
  EngineError,
  type EngineStatus,
  type QueryOptions,
  type QueryParameter,
} from './engine.ts';
export type { EngineLimits } from './engine-limits.ts';
export type { Logger } from './logger.ts';
export type { CheckOptions, DerivedCheck } from './maintenance/check-derived.ts';
export type { PurgeOptions, PurgeStep, PurgeTarget } from './maintenance/purge.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type {
  Found,
  FoundSpan,
  FoundTrace,
  HeatCell,
  OperationHistory,
  Search,
  SearchBounds,
  SpanGroup,
  SpanOrder,
  SpanPlace,
  SpanSearch,
  TraceOrder,
  ValueCount,
} from './reader/search/search.ts';
export type { AttributeLevel, CatalogueEntry } from './rows/catalogue-entry.ts';
export type { InstrumentationFlaw, InstrumentationNote } from './rows/instrumentation-note.ts';
export {
  type Column,
  columnsOf,
  type Signal,
  schemaVersion,
  structureOf,
} from './schema/columns.ts';
export { schemaStatements } from './schema/migrate.ts';
export { DatabaseTakenError } from './server/database-lock.ts';
export {
  formatServerAddress,
  parseServerAddress,
  type ServerAddress,
  serverAddressAllowed,
} from './server/server-address.ts';
export { createServerEngine, type ServerEngineOptions } from './server/server-engine.ts';
export type {
  AgentUseFacts,
  CallFacts,
  ChangedTrace,
  ChangedTraces,
  CollectedFacts,
  Message,
  ModelUsageFacts,
  SettleStore,
  TraceFacts,
  WholeTrace,
} from './settle/settle-store.ts';
export { databaseNamePattern, defaultDatabase } from './sql/bind.ts';
export type {
  AgentUse,
  AttributeCondition,
  AttributeKey,
  Exemplar,
  ExemplarQuery,
  FoundFlaw,
  KeyQuery,
  LogPlace,
  LogQuery,
  ModelUsage,
  Operation,
  PlacedLogRecord,
  RetentionPolicy,
  RowRange,
  Segment,
  SegmentWriter,
  SeriesQuery,
  SeriesRow,
  ServiceCall,
  Store,
  TimeRange,
  TraceArchive,
  TraceGroup,
  TraceQuery,
  TraceReader,
  TraceSummary,
  ValueQuery,
} from './store.ts';
