import type { Engine, EngineStatus } from '../engine.ts';
import type { Logger } from '../logger.ts';

export interface EmbeddedEngineOptions {
  /** Owned by this process until `close`. Created when it is missing. */
  readonly dataDir: string;
  readonly logger?: Logger;
  readonly onStateChange?: (status: EngineStatus) => void;
}

/**
 * Starts the ClickHouse engine (chDB) in a child process and resolves when it answers.
 * Errors: `DataFolderTakenError` when another live process owns the folder (after waiting up to 10 s for one that
 * is ending); `EngineError` when chDB has no build for this machine.
 */
export async function createEmbeddedEngine(_options: EmbeddedEngineOptions): Promise<Engine> {
  throw new Error('not built yet');
}
