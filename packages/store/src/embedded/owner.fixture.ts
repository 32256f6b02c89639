/** A server that only opens its data folder: to be killed by a test. */
import { createEmbeddedEngine } from './embedded-engine.ts';

const engine = await createEmbeddedEngine({ dataDir: process.argv[2]! });
process.send?.('open');
// Busy, so that its end is not that of an idle engine.
await engine.query('SELECT count() FROM numbers(1000000000000000)');
