import { setupTracing, TracedServiceClient } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { fetchWithFaults } from '../shared/faults.ts';
import { runService } from '../shared/run-service.ts';
import { localUrl } from '../shared/services.ts';
import { readSettings } from '../shared/settings.ts';
import { addChatPage } from './chat-page.ts';
import { addChatRoute } from './chat-route.ts';

const tracing = setupTracing('api-gateway');
const settings = readSettings('api-gateway', {
  CONVERSATION_MANAGER_URL: z.url().default(localUrl('conversation-manager')),
  SPANWISE_UI_URL: z.url().default('http://127.0.0.1:16686'),
});

const app = createApp('api-gateway', { maxBodyBytes: 16 * 1024 });
addChatRoute(app, {
  conversationManager: new TracedServiceClient(settings.CONVERSATION_MANAGER_URL, { fetch: fetchWithFaults }),
  conversationManagerUrl: settings.CONVERSATION_MANAGER_URL,
  uiUrl: settings.SPANWISE_UI_URL,
});
addChatPage(app);
await runService({ app, host: settings.HOST, port: settings.PORT, tracing });
