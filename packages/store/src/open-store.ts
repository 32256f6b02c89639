import { archiveTrace } from './archive/archive-trace.ts';
import type { Engine } from './engine.ts';
import { checkDerived } from './maintenance/check-derived.ts';
import { purge } from './maintenance/purge.ts';
import { createTraceReader } from './reader/trace-reader.ts';
import { applyRetention } from './retention.ts';
import { readRows } from './row-binary/reader.ts';
import { migrate } from './schema/migrate.ts';
import { database } from './schema/tables.ts';
import { createSettleStore } from './settle/create-settle-store.ts';
import type { Store } from './store.ts';
import { finishParts, writeSegment } from './writer/segment-writer.ts';
import { writeCatalogue } from './writer/write-catalogue.ts';
import { writeNotes } from './writer/write-notes.ts';

export interface StoreOptions {
  readonly engine: Engine;
}

/**
 * Brings the schema up to date and gives the store. `close` of the store closes the engine too.
 * Errors: `EngineError` when the data was written by a newer version.
 */
export async function openStore({ engine }: StoreOptions): Promise<Store> {
  await migrate(engine);
  /** Segments whose first try failed: a few, for each is tried until it is stored. */
  const failed = new Set<bigint>();
  return {
    ...createTraceReader(engine),
    ...createSettleStore(engine),
    archiveTrace: (tenant, id, options) => archiveTrace(engine, tenant, id, options),
    async writeSegment(segment) {
      const isReplay = segment.isReplay === true || failed.has(segment.ingestSeq);
      try {
        await writeSegment(engine, { ...segment, isReplay });
      } catch (error) {
        failed.add(segment.ingestSeq);
        throw error;
      }
    },
    addNotes: (tenant, notes, atMillis, path) => writeNotes(engine, tenant, notes, atMillis, path),
    addToCatalogue: (tenant, entries, atMillis, path) =>
      writeCatalogue(engine, tenant, entries, atMillis, path),
    finishParts: (segment, without) => finishParts(engine, segment, without),
    purge: (target, options) => purge(engine, target, options),
    checkDerived: (options) => checkDerived(engine, options),
    applyRetention: (policy, now) => applyRetention(engine, policy, now),
    async lastIngestSeq() {
      const [row] = readRows(
        await engine.query(
          `SELECT greatest((SELECT max(ingest_seq) FROM ${database}.spans), (SELECT max(ingest_seq) FROM ${database}.logs))`,
        ),
      );
      const stored = row![0] as bigint;
      const floor = engine.ingestSeqFloor ?? 0n;
      return stored > floor ? stored : floor;
    },
    close: (timeoutMillis) => engine.close(timeoutMillis),
  };
}
