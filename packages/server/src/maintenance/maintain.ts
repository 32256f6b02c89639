import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CheckOptions,
  createEmbeddedEngine,
  type DerivedCheck,
  openStore,
  type PurgeStep,
  type Store,
} from '@spanwise/store';
import { BackupError } from '../backup/backup-files.ts';
import { callControl } from '../control/call-control.ts';
import { engineLimits, spoolLimits } from '../part-limits.ts';
import { openSpool, type Spool } from '../spool/spool.ts';
import { type PurgeRequest, purgeStore } from './purge-store.ts';

const closeMillis = 10_000;

/** Paths of the control socket. */
export const purgePath = '/purge';
export const doctorPath = '/doctor';

/**
 * Purges by way of the server that runs on the folder, or, where none does, by opening it.
 * Errors: as `holdSnapshot`.
 */
export async function purgeDataFolder(
  dataDir: string,
  request: PurgeRequest,
  onStep: (step: PurgeStep) => void,
): Promise<void> {
  const call = await callControl(dataDir, purgePath, request);
  if (call === undefined) {
    return withStore(dataDir, (store, spool) => purgeStore(store, spool, request, onStep));
  }
  for await (const line of call.lines) onStep(line as PurgeStep);
}

export interface CheckRequest {
  /** True: what differs is made anew, where it can be. */
  readonly isRepair: boolean;
}

/** Counts derived tables anew, likewise. */
export async function checkDataFolder(
  dataDir: string,
  request: CheckRequest,
  onCheck: (check: DerivedCheck) => void,
): Promise<void> {
  const call = await callControl(dataDir, doctorPath, request);
  if (call === undefined) {
    return withStore(dataDir, async (store, spool) => {
      await spool.flush();
      const options: CheckOptions = request.isRepair
        ? { repairWithin: (repair) => spool.whileResting(repair) }
        : {};
      for await (const check of store.checkDerived(options)) onCheck(check);
    });
  }
  for await (const line of call.lines) onCheck(line as DerivedCheck);
}

/** Of a request as it came from a command. */
export function wantsRepair(body: unknown): boolean {
  return (body as Partial<CheckRequest> | null)?.isRepair === true;
}

async function withStore(
  dataDir: string,
  work: (store: Store, spool: Spool) => Promise<void>,
): Promise<void> {
  if (!existsSync(join(dataDir, 'clickhouse'))) {
    throw new BackupError(
      `${dataDir} holds no tables. (With --storage clickhouse://… start spanwise serve, and call this beside it.)`,
    );
  }
  const engine = await createEmbeddedEngine({ dataDir, limits: engineLimits });
  try {
    const store = await openStore({ engine });
    const spool = await openSpool({
      directory: join(dataDir, 'spool'),
      limits: spoolLimits,
      writer: store,
      ingestSeqAfter: await store.lastIngestSeq(),
    });
    try {
      await work(store, spool);
    } finally {
      await spool.close();
    }
  } finally {
    await engine.close(closeMillis);
  }
}
