import { z } from 'zod';
import { DEMO_CONVERSATION } from '../shared/conversation.ts';
import type { ServiceName } from '../shared/services.ts';
import type { Progress } from './progress.ts';
import { describeTurn } from './report.ts';
import type { Urls } from './system.ts';
import { waitForTrace } from './traces.ts';

/** Part in every turn; a turn's own come on top. */
const alwaysExpected: readonly ServiceName[] = [
  'api-gateway',
  'conversation-manager',
  'memory-store',
  'llm-proxy',
];
/** Whose spans a turn is about, in the order of `DEMO_CONVERSATION`: the handbook, a tool, memory alone. */
const expectedByTurn: readonly (readonly ServiceName[])[] = [['rag-retrieval'], ['tool-execution'], []];

const replyShape = z.object({ answer: z.string(), trace_id: z.string().regex(/^[0-9a-f]{32}$/) });

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
      const expected = [...alwaysExpected, ...(expectedByTurn[index] ?? [])];
      const trace = await waitForTrace(urls.ui, reply.trace_id, expected, traceTimeoutMillis);
      const traceUrl = `${urls.ui}/trace/${reply.trace_id}`;
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
    body: JSON.stringify({ message, session_id: sessionId }),
    signal: AbortSignal.timeout(replyTimeoutMillis),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${body.slice(0, 300)}`);
  return replyShape.parse(JSON.parse(body));
}
