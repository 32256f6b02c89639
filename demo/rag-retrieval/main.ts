import { setupTracing, TracedServiceClient, traced } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { fetchWithFaults } from '../shared/faults.ts';
import { untilItWorks, untilListening } from '../shared/retry.ts';
import { runService } from '../shared/run-service.ts';
import { LOCAL_DATABASE_URL, localUrl } from '../shared/services.ts';
import { readSettings } from '../shared/settings.ts';
import { createSqlPool } from '../shared/sql.ts';
import { createChunkStore } from './chunk-store.ts';
import { createEmbedder } from './embedder.ts';
import { indexHandbook } from './index-handbook.ts';
import { addRetrieveRoute } from './retrieve.ts';

const tracing = setupTracing('rag-retrieval');
const settings = readSettings('rag-retrieval', {
  DATABASE_URL: z.string().default(LOCAL_DATABASE_URL),
  LLM_PROXY_URL: z.url().default(localUrl('llm-proxy')),
});

const app = createApp('rag-retrieval');
const sql = createSqlPool(settings.DATABASE_URL);
const store = createChunkStore(sql);
const embed = createEmbedder(new TracedServiceClient(settings.LLM_PROXY_URL, { fetch: fetchWithFaults }));
addRetrieveRoute(app, { embed, store });

await untilItWorks('database', app.log, () => sql.query('SELECT 1'));
await untilListening('llm-proxy', settings.LLM_PROXY_URL, app.log);
// At a first start this embeds the whole handbook: one trace of its own.
const handbook = new URL('./handbook/', import.meta.url);
const count = await untilItWorks('handbook', app.log, () =>
  traced.step('index_handbook', () => indexHandbook(handbook, { embed, store })),
);
app.log.info({ chunks: count }, 'handbook indexed');
await runService({ app, host: settings.HOST, port: settings.PORT, tracing, close: () => sql.end() });
