import type { Message } from '../openai-api.ts';
import { extractAnswer, parseExcerpts } from './extract-answer.ts';
import { tellToolResult } from './tell-tool-result.ts';

const GREETING = /^\s*(?:hi|hello|hey|good (?:morning|evening|day))\b[^?]{0,30}$/i;
const THANKS = /\b(?:thanks|thank you)\b/i;

/**
 * The offline answerer's reply to a conversation: what tools found, else what the context says. It writes no
 * sentence of its own about facts.
 */
export function answer(messages: readonly Message[]): string {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const lastMessage = messages[lastUser];
  const question = lastMessage?.role === 'user' ? lastMessage.content : '';
  const results = toolResults(messages.slice(lastUser + 1));
  if (results.length > 0) {
    return results.map(({ tool, content }) => tellToolResult(tool, content, question)).join('\n');
  }
  if (GREETING.test(question)) {
    return 'Hello! I answer from the Brightcup handbook and can look up orders. What would you like to know?';
  }
  if (THANKS.test(question) && !question.includes('?')) return 'You are welcome. Enjoy your coffee!';
  const prompt = messages
    .filter((message) => message.role === 'system')
    .map((message) => message.content)
    .join('\n\n');
  return extractAnswer(question, parseExcerpts(prompt));
}

/** Results of the tools called since the question, by the name of the tool. */
function toolResults(messages: readonly Message[]): { readonly tool: string; readonly content: string }[] {
  const nameById = new Map<string, string>();
  const results: { readonly tool: string; readonly content: string }[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const call of message.tool_calls ?? []) nameById.set(call.id, call.function.name);
    } else if (message.role === 'tool') {
      results.push({ tool: nameById.get(message.tool_call_id) ?? 'unknown', content: message.content });
    }
  }
  return results;
}
