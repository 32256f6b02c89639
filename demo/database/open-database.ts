import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

// The optimising compiler takes half a gigabyte to make 10 MB of WebAssembly faster than this demo needs.
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');

/** Postgres' own default of 128 MB is for larger data than a handbook. */
const SHARED_BUFFERS = 'shared_buffers=8MB';

export function openDatabase(directory: string) {
  return PGlite.create({
    dataDir: directory,
    extensions: { vector },
    postgresqlconf: [SHARED_BUFFERS],
    relaxedDurability: true,
  });
}
