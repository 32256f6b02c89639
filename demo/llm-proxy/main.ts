import { setupTracing } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { runService } from '../shared/run-service.ts';
import { readSettings } from '../shared/settings.ts';
import { addModelRoutes } from './model-routes.ts';
import { createOfflineModels } from './offline/offline-models.ts';

const tracing = setupTracing('llm-proxy');
const settings = readSettings('llm-proxy', {
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url().optional(),
  OPENAI_MODEL: z.string().default('gpt-4o-mini'),
  OPENAI_EMBEDDING_MODEL: z.string().default('text-embedding-3-small'),
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(600),
});

const app = createApp('llm-proxy', { maxBodyBytes: 1024 * 1024 });
addModelRoutes(app, await chooseModels(), settings.RATE_LIMIT_PER_MINUTE);
await runService({ app, host: settings.HOST, port: settings.PORT, tracing });

/** A provider where one is configured; its client is loaded only then. */
async function chooseModels() {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = settings;
  if (apiKey === undefined && baseUrl === undefined) return createOfflineModels();
  const { createProviderModels } = await import('./provider-models.ts');
  return createProviderModels({
    apiKey,
    baseUrl,
    chatModel: settings.OPENAI_MODEL,
    embeddingModel: settings.OPENAI_EMBEDDING_MODEL,
  });
}
