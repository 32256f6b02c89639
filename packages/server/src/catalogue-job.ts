import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry, Store } from '@spanwise/store';
import type { Logger } from 'pino';
import { limits } from './limits.ts';

export interface CatalogueJobOptions {
  readonly store: Pick<Store, 'addToCatalogue'>;
  /** Of ours alone: made when it is not there, and emptied. */
  readonly directory: string;
  readonly clock: () => number;
  readonly logger: Logger;
}

export interface CatalogueJob {
  /** Keeps them until the next write. Beyond the bound the rest is forgotten until tomorrow. */
  add(tenant: number, entries: readonly CatalogueEntry[]): void;
  /** Writes what was added. Errors: none; what was not written is tried again. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Collects what decode workers met for the first time, and writes it together: each insert costs a part. */
export async function startCatalogueJob({
  store,
  directory,
  clock,
  logger,
}: CatalogueJobOptions): Promise<CatalogueJob> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  const waiting = new Map<number, CatalogueEntry[]>();
  let running: Promise<void> = Promise.resolve();

  const add = (tenant: number, entries: readonly CatalogueEntry[]) => {
    if (entries.length === 0) return;
    const own = waiting.get(tenant) ?? [];
    waiting.set(tenant, own);
    for (const entry of entries) if (own.length < limits.catalogueWaiting.value) own.push(entry);
  };
  const write = async () => {
    for (const [tenant, entries] of [...waiting]) {
      waiting.delete(tenant);
      try {
        await store.addToCatalogue(tenant, entries, clock(), join(directory, 'entries.rows'));
      } catch (error) {
        add(tenant, entries);
        logger.warn({ err: error }, 'the catalogue of attributes was not written; it is tried again');
      }
    }
  };
  const flush = () => {
    running = running.then(write);
    return running;
  };
  const timer = setInterval(() => void flush(), limits.catalogueMillis.value);
  return {
    add,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
