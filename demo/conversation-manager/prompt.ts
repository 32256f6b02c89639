import type { ChatMessage } from './chat-message.ts';

export interface RetrievedDocument {
  readonly title: string;
  readonly text: string;
}

const INSTRUCTIONS = `You are the assistant of Brightcup, maker of the coffee machine Brightcup One.
Answer from the handbook excerpts and from tool results only, in at most four sentences. Say so if they do not
answer the question.`;

/** Instructions, context, the conversation so far, and the question. */
export function buildPrompt(
  documents: readonly RetrievedDocument[],
  history: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[],
  question: string,
): ChatMessage[] {
  const excerpts = documents.map(({ title, text }, index) => `[${index + 1}] ${title}\n${text}`);
  const context: ChatMessage[] =
    excerpts.length === 0
      ? []
      : [{ role: 'system', content: `Excerpts from the handbook:\n\n${excerpts.join('\n\n')}` }];
  return [
    { role: 'system', content: INSTRUCTIONS },
    ...context,
    ...history,
    { role: 'user', content: question },
  ];
}
