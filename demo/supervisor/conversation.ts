import { z } from 'zod';
import { DEMO_CONVERSATION } from '../shared/conversation.ts';
import type { ServiceName } from '../shared/services.ts';
import type { Progress } from './progress.ts';
import { describeTurn } from './report.ts';
import type { Urls } from './system.ts';
import { waitForTrace } from './traces.ts';

/** Without these no turn is answered as it should be. */
const always: readonly ServiceName[] = [
  'api-gateway',
  'conversation-manager',
  'memory-store',
  'rag-retrieval',
  'llm-proxy',
];
/** In the order of `DEMO_CONVERSATION`. The last question names no order: only with memory is it one for a tool. */
const expectedByTurn: readonly (readonly ServiceName[])[] = [
  always,
  [...always, 'tool-execution'],
  [...always, 'tool-execution'],
];

const replyShape = z.object({ answer: z.string(), traceId: z.string().regex(/^[0-9a-f]{32}$/) });

/** Longer than any turn takes: the services give up on each other after 15 s. */
const replyTimeoutMillis = 40_000;
const traceTimeoutMillis = 20_000;

/** Sends the demo's turns one after the other and prints each. Resolves with whether all went well. */
export async function holdConversation(urls: Urls, progress: Progress): Promise<boolean> {
  const sessionId = crypto.randomUUID();
  let allWell = true;
  for (const [index, question] of DEMO_CONVERSATION.entries()) {
    try {
      progress.show(`asking: ${question}`);
      const reply = await ask(urls.chat, sessionId, question);
      progress.show(`waiting until the trace of "${question}" is complete`);
      const expected = expectedByTurn[index] ?? always;
      const trace = await waitForTrace(urls.ui, reply.traceId, expected, traceTimeoutMillis);
      const traceUrl = `${urls.ui}/trace/${reply.traceId}`;
      progress.print(`\n${describeTurn({ question, answer: reply.answer, traceUrl, trace })}`);
    } catch (error) {
      allWell = false;
      progress.print(
        `\nYou    ${question}\nThis turn failed: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return allWell;
}

async function ask(gateway: string, sessionId: string, message: string): Promise<z.infer<typeof replyShape>> {
  const response = await fetch(`${gateway}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message, sessionId }),
    signal: AbortSignal.timeout(replyTimeoutMillis),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${body.slice(0, 300)}`);
  return replyShape.parse(JSON.parse(body));
}
