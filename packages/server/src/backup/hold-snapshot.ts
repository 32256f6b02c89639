import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedEngine } from '@spanwise/store';
import { BackupError } from './backup-files.ts';
import { requestSnapshot } from './control-socket.ts';
import { forgetSnapshots, type HeldSnapshot, takeSnapshot } from './snapshot.ts';

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
  const running = await requestSnapshot(dataDir);
  if (running !== undefined) return running;
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
