import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CopyResult,
  copyStore,
  createEmbeddedEngine,
  createServerEngine,
  openStore,
  type ServerAddress,
  type Store,
} from '@spanwise/store';
import { engineLimits, spoolLimits } from '../part-limits.ts';
import { openSpool } from '../spool/spool.ts';

const closeMillis = 10_000;

export interface CopyToServerOptions {
  readonly dataDir: string;
  readonly address: ServerAddress;
  /** Segments of the spool that are brought into the tables first. */
  readonly onSpool?: (segments: number) => void;
  readonly onProgress?: (rows: number, totalRows: number) => void;
}

/**
 * Copies what a data folder holds, its spool included, into a ClickHouse server; owns both meanwhile. Called again,
 * it goes on where it was cut short, and brings over what has come since.
 * Errors: `DataFolderTakenError`, `DatabaseTakenError`, `EngineError`.
 */
export async function copyToServer(options: CopyToServerOptions): Promise<CopyResult> {
  const { dataDir, address, onProgress } = options;
  const workDir = join(dataDir, 'copying');
  const source = await createEmbeddedEngine({ dataDir, limits: engineLimits });
  try {
    const sourceStore = await openStore({ engine: source });
    const target = await createServerEngine({ address, limits: engineLimits });
    try {
      const store = await openStore({ engine: target });
      await storeSpool(dataDir, sourceStore, options.onSpool);
      await mkdir(workDir, { recursive: true, mode: 0o700 });
      return await copyStore({
        source,
        target: { engine: target, store },
        workDir,
        ...(onProgress === undefined ? {} : { onProgress }),
      });
    } finally {
      await rm(workDir, { recursive: true, force: true });
      await target.close(closeMillis);
    }
  } finally {
    await source.close(closeMillis);
  }
}

/** What was acknowledged and not yet in the tables. */
async function storeSpool(
  dataDir: string,
  store: Store,
  onSpool: CopyToServerOptions['onSpool'],
): Promise<void> {
  const spool = await openSpool({
    directory: join(dataDir, 'spool'),
    limits: spoolLimits,
    writer: store,
    ingestSeqAfter: await store.lastIngestSeq(),
  });
  const { segments } = spool.status();
  if (segments > 0) onSpool?.(segments);
  try {
    await spool.flush();
  } finally {
    await spool.close();
  }
}
