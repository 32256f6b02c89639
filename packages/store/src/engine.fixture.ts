import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createEmbeddedEngine } from './embedded/embedded-engine.ts';
import type { Engine } from './engine.ts';
import { parseServerAddress } from './server/server-address.ts';
import { createServerEngine } from './server/server-engine.ts';
import { startClickHouse } from './server/start-clickhouse.fixture.ts';

/**
 * The engine that the storage suite runs on: embedded, or in the test project `server-engine` a server. That is
 * the fixture, or the ClickHouse server that SPANWISE_TEST_CLICKHOUSE names.
 */
export async function createTestEngine(folder: string): Promise<Engine> {
  if (process.env.SPANWISE_TEST_ENGINE !== 'server') return createEmbeddedEngine({ dataDir: folder });
  const real = process.env.SPANWISE_TEST_CLICKHOUSE;
  const fixture = real === undefined ? await startClickHouse(join(folder, 'server')) : undefined;
  const address = parseServerAddress(real ?? fixture!.url);
  if (address === undefined) throw new Error('SPANWISE_TEST_CLICKHOUSE is no address of a ClickHouse server');
  // On a real one a name of its own: nobody's data are touched.
  const name = real === undefined ? address.database : `spanwise_test_${randomBytes(6).toString('hex')}`;
  const engine = await createServerEngine({ address: { ...address, database: name } });
  const close = engine.close.bind(engine);
  engine.close = async (timeoutMillis) => {
    if (real !== undefined) await engine.execute(`DROP DATABASE ${name}`);
    await close(timeoutMillis);
    await fixture?.stop();
  };
  return engine;
}
