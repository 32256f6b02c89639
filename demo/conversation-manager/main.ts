import { setupTracing, TracedServiceClient } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { fetchWithFaults } from '../shared/faults.ts';
import { runService } from '../shared/run-service.ts';
import { localUrl } from '../shared/services.ts';
import { readSettings } from '../shared/settings.ts';
import { createConversation } from './conversation.ts';
import { createLanguageModel } from './language-model.ts';
import { addMessageRoute } from './message-route.ts';
import { createToolbox } from './toolbox.ts';

const tracing = setupTracing('conversation-manager');
const settings = readSettings('conversation-manager', {
  RAG_RETRIEVAL_URL: z.url().default(localUrl('rag-retrieval')),
  TOOL_EXECUTION_URL: z.url().default(localUrl('tool-execution')),
  MEMORY_STORE_URL: z.url().default(localUrl('memory-store')),
  LLM_PROXY_URL: z.url().default(localUrl('llm-proxy')),
});

const connect = (url: string) => new TracedServiceClient(url, { fetch: fetchWithFaults });
const app = createApp('conversation-manager');
const handleMessage = createConversation({
  retrieval: connect(settings.RAG_RETRIEVAL_URL),
  memory: connect(settings.MEMORY_STORE_URL),
  toolbox: createToolbox(connect(settings.TOOL_EXECUTION_URL)),
  model: createLanguageModel(settings.LLM_PROXY_URL),
  log: app.log,
});
addMessageRoute(app, handleMessage);
await runService({ app, host: settings.HOST, port: settings.PORT, tracing });
