import { rm, writeFile } from 'node:fs/promises';
import type { Engine } from '../engine.ts';
import { ByteWriter } from '../rows/byte-writer.ts';
import type { InstrumentationNote } from '../rows/instrumentation-note.ts';
import { database } from '../schema/tables.ts';

const structure =
  'tenant UInt32, at Int64, service String, what String, detail String, count Int64, trace_id String';

/** As `Store.addNotes`. */
export async function writeNotes(
  engine: Engine,
  tenant: number,
  notes: readonly InstrumentationNote[],
  atMillis: number,
  path: string,
): Promise<void> {
  if (notes.length === 0) return;
  const writer = new ByteWriter(notes.length * 64);
  for (const { service, what, detail, count, traceId } of notes) {
    writer.uint32(tenant);
    writer.int64(atMillis);
    writer.string(service);
    writer.string(what);
    writer.string(detail);
    writer.int64(count);
    writer.string(traceId);
  }
  await writeFile(path, writer.copy(), { mode: 0o600 });
  try {
    await engine.execute(
      `INSERT INTO ${database}.instrumentation_notes
          (tenant, hour, service, what, detail, count, first, last, trace_id)
        SELECT tenant, toStartOfHour(fromUnixTimestamp64Milli(at, 'UTC')), service, what, detail, toUInt64(count),
          fromUnixTimestamp64Milli(at, 'UTC'), fromUnixTimestamp64Milli(at, 'UTC'), toFixedString(unhex(trace_id), 16)
        FROM ${engine.fileSource(path, structure)}`,
    );
  } finally {
    await rm(path, { force: true });
  }
}
