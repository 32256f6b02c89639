import { createEmbeddedEngine } from '@spanwise/store';
import { expect } from 'vitest';
import { isReady, type RunningSystem } from '../../support/start-system.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface Stored {
  /** `<trace id>/<span id>` of every row, sorted. */
  readonly ids: readonly string[];
  /** Whether both tables of spans hold the same rows. */
  readonly tablesAgree: boolean;
}

/** Reads a data folder that no process owns. */
export async function readStored(dataDir: string): Promise<Stored> {
  const engine = await createEmbeddedEngine({ dataDir });
  try {
    const idsOf = async (table: string) =>
      readFixed(
        await engine.query(`SELECT concat(trace_id, span_id) AS id FROM spanwise.${table} ORDER BY id`, {
          timeoutMillis: 60_000,
        }),
      );
    const ids = await idsOf('spans');
    const others = await idsOf('span_search');
    return { ids, tablesAgree: ids.length === others.length && ids.every((id, n) => id === others[n]) };
  } finally {
    await engine.close(10_000);
  }
}

/** RowBinaryWithNamesAndTypes of one String column whose values are 24 bytes: 16 of the trace, 8 of the span. */
function readFixed(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) return [];
  const size = 25;
  const start = buffer.indexOf('String') + 'String'.length;
  return Array.from({ length: (buffer.length - start) / size }, (_, row) => {
    const at = start + row * size + 1;
    return `${buffer.toString('hex', at, at + 16)}/${buffer.toString('hex', at + 16, at + 24)}`;
  });
}

/** Nothing acknowledged is missing, and nothing is there twice. What was not acknowledged may be there once. */
export async function expectStoredOnce(dataDir: string, acknowledged: readonly string[]): Promise<Stored> {
  const stored = await readStored(dataDir);
  const seen = new Set(stored.ids);
  expect(acknowledged.filter((id) => !seen.has(id))).toEqual([]);
  expect(stored.ids.length - seen.size).toBe(0);
  expect(stored.tablesAgree).toBe(true);
  return stored;
}

/** When the spool has nothing left to store. */
export async function waitUntilDrained(system: Pick<RunningSystem, 'ports'>): Promise<void> {
  // Generous: recording what a power cut would leave makes each sync many times slower.
  await waitFor('the spool to be drained', () => isDrained(system), { timeoutMillis: 120_000 });
}

/** Errors: it does not answer. */
export async function isDrained({ ports }: Pick<RunningSystem, 'ports'>): Promise<boolean> {
  if (!(await isReady(ports))) return false;
  const response = await fetch(`http://127.0.0.1:${ports.health}/status`);
  const { spool } = (await response.json()) as { spool: { segments: number } };
  return spool.segments === 0;
}
