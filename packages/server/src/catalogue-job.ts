import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry, InstrumentationNote, Store } from '@spanwise/store';
import type { Logger } from 'pino';
import { limits } from './limits.ts';

export interface CatalogueJobOptions {
  readonly store: Pick<Store, 'addToCatalogue' | 'addNotes'>;
  /** Of ours alone: made when it is not there, and emptied. */
  readonly directory: string;
  readonly clock: () => number;
  readonly logger: Logger;
}

export interface CatalogueJob {
  /** Keeps them until the next write. Beyond the bound the rest is forgotten until tomorrow. */
  add(tenant: number, entries: readonly CatalogueEntry[]): void;
  /** Likewise; beyond the bound, what nobody has noted since the last write is left out. */
  note(tenant: number, notes: readonly InstrumentationNote[]): void;
  /** Writes what was added. Errors: none; what was not written is tried again. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Collects what decode workers tell beside their rows (attributes met for the first time, flaws of how services send)
 * and writes it together: each insert costs a part.
 */
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
  const noted = new Map<number, Map<string, InstrumentationNote>>();
  const note = (tenant: number, notes: readonly InstrumentationNote[]) => {
    if (notes.length === 0) return;
    const own = noted.get(tenant) ?? new Map<string, InstrumentationNote>();
    noted.set(tenant, own);
    for (const one of notes) {
      const key = [one.service, one.what, one.detail].join('\0');
      const before = own.get(key);
      if (before === undefined && own.size >= limits.notesWaiting.value) continue;
      own.set(key, before === undefined ? one : { ...one, count: before.count + one.count });
    }
  };
  const writeNotes = async () => {
    for (const [tenant, notes] of [...noted]) {
      noted.delete(tenant);
      const all = [...notes.values()];
      try {
        await store.addNotes(tenant, all, clock(), join(directory, 'notes.rows'));
      } catch (error) {
        note(tenant, all);
        logger.warn({ err: error }, 'flaws of instrumentation were not noted; it is tried again');
      }
    }
  };
  const write = async () => {
    await writeNotes();
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
    note,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
