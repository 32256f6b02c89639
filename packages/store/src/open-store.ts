import type { Engine } from './engine.ts';
import type { Logger } from './logger.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  readonly engine: Engine;
  readonly logger?: Logger;
}

/**
 * Brings the schema up to date and gives the store. `close` of the store closes the engine too.
 * Errors: `EngineError` when the data was written by a newer version.
 */
export async function openStore(_options: StoreOptions): Promise<Store> {
  throw new Error('not built yet');
}
