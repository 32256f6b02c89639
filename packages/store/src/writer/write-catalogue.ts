import { rm, writeFile } from 'node:fs/promises';
import type { Engine } from '../engine.ts';
import { ByteWriter } from '../rows/byte-writer.ts';
import type { CatalogueEntry } from '../rows/catalogue-entry.ts';
import { database } from '../schema/tables.ts';

const columns = 'tenant, day, kind, key, level, type, value';
const structure =
  'tenant UInt32, day UInt16, kind String, key String, level String, type UInt8, value String';
const dayMillis = 86_400_000;

/** As `Store.addToCatalogue`. */
export async function writeCatalogue(
  engine: Engine,
  tenant: number,
  entries: readonly CatalogueEntry[],
  atMillis: number,
  path: string,
): Promise<void> {
  if (entries.length === 0) return;
  const writer = new ByteWriter(entries.length * 64);
  const day = Math.floor(atMillis / dayMillis);
  for (const { kind, key, level, type, value } of entries) {
    writer.uint32(tenant);
    writer.uint8(day & 0xff);
    writer.uint8(day >> 8);
    writer.string(kind);
    writer.string(key);
    writer.string(level);
    writer.uint8(type);
    writer.string(value ?? '');
  }
  await writeFile(path, writer.copy(), { mode: 0o600 });
  try {
    await engine.execute(
      `INSERT INTO ${database}.attribute_catalogue (${columns})
        SELECT ${columns.replace('day', 'toDate(day)')} FROM ${engine.fileSource(path, structure)}`,
    );
  } finally {
    await rm(path, { force: true });
  }
}
