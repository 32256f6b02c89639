import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { SUGGESTIONS } from '../shared/conversation.ts';
import { SERVICE_NAMES } from '../shared/services.ts';

const FILES = [
  { route: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { route: '/chat.css', file: 'chat.css', type: 'text/css; charset=utf-8' },
  { route: '/chat.js', file: 'chat.js', type: 'text/javascript; charset=utf-8' },
] as const;

/** Nothing from elsewhere, nothing inline. */
const CONTENT_SECURITY_POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

/** The chat page: three files, and what it offers to click. */
export function addChatPage(app: FastifyInstance): void {
  for (const { route, file, type } of FILES) {
    const content = readFileSync(new URL(`./page/${file}`, import.meta.url));
    app.get(route, (_request, reply) =>
      reply
        .header('content-type', type)
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('cache-control', 'no-cache')
        .send(content),
    );
  }
  app.get('/chat/options', () => ({ suggestions: SUGGESTIONS, services: SERVICE_NAMES }));
}
