import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedEngine } from '@spanwise/store';
import { callControl } from '../control/call-control.ts';
import { BackupError } from './backup-files.ts';
import { forgetSnapshots, type HeldSnapshot, type Snapshot, snapshotPath, takeSnapshot } from './snapshot.ts';

const closeMillis = 10_000;

/**
 * A snapshot of the store in a data folder: from the server that runs on it, or, where none does, by opening it.
 * Errors: `BackupError` when there is no store; `ControlError`, `DataFolderTakenError`, `EngineError`.
 */
export async function holdSnapshot(dataDir: string): Promise<HeldSnapshot> {
  if (!existsSync(join(dataDir, 'clickhouse'))) {
    throw new BackupError(
      `${dataDir} holds no tables. (Those of --storage clickhouse://… are backed up by the server: its BACKUP statement.)`,
    );
  }
  const call = await callControl(dataDir, snapshotPath, {});
  if (call !== undefined) {
    const { value } = await call.lines.next();
    // Held for as long as we stay on the line.
    return { ...(value as Snapshot), release: async () => call.end() };
  }
  const engine = await createEmbeddedEngine({ dataDir });
  try {
    await forgetSnapshots(dataDir);
    const snapshot = await takeSnapshot(dataDir, engine);
    return {
      ...snapshot,
      async release() {
        await snapshot.release();
        await engine.close(closeMillis);
      },
    };
  } catch (error) {
    await engine.close(closeMillis);
    throw error;
  }
}
