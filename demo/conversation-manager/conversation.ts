import { type TracedServiceClient, traced } from '@spanwise/sdk';
import type { FastifyBaseLogger } from 'fastify';
import type { ChatMessage, ToolDefinition } from './chat-message.ts';
import { classifyIntent, type Intent, needsTool } from './classify-intent.ts';
import type { LanguageModel, ModelTurn } from './language-model.ts';
import { buildPrompt, type RetrievedDocument } from './prompt.ts';
import type { Toolbox } from './toolbox.ts';

export interface Reply {
  readonly answer: string;
  readonly intent: Intent;
  readonly model: string;
  readonly tokens: { readonly input: number; readonly output: number; readonly total: number };
  /** Tools used, in order. */
  readonly tools: readonly string[];
  /** Titles of the handbook's pages that the model was given. */
  readonly sources: readonly string[];
}

export type HandleMessage = (
  message: { readonly sessionId: string; readonly text: string },
  onText: (piece: string) => void,
  signal: AbortSignal,
) => Promise<Reply>;

export interface ConversationParts {
  readonly retrieval: TracedServiceClient;
  readonly memory: TracedServiceClient;
  readonly toolbox: Toolbox;
  readonly model: LanguageModel;
  readonly log: FastifyBaseLogger;
}

const AGENT = 'brightcup-assistant';
const HISTORY_MESSAGES = 12;
const DOCUMENTS = 4;

/** A model that asks for tools again and again is stopped here. */
const MAX_AGENT_TURNS = 4;

interface HistoryMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** The agent: one message in, one answer out, each step a span. */
export function createConversation(parts: ConversationParts): HandleMessage {
  const { retrieval, memory, toolbox, model, log } = parts;

  return ({ sessionId, text }, onText, signal) =>
    traced.agent(
      {
        name: AGENT,
        spanName: 'handle_message',
        conversationId: sessionId,
        attributes: { 'session.id': sessionId },
      },
      async () => {
        const history = await readHistory(sessionId);
        const intent = classify(text, history);

        const turns: ModelTurn[] = [];
        const toolMessages: ChatMessage[] = [];
        const tools = needsTool(intent) ? await offerTools() : [];
        const ask = async (documents: readonly RetrievedDocument[], say: (piece: string) => void) => {
          const messages = [...buildPrompt(documents, history, text), ...toolMessages];
          const offered = turns.length < MAX_AGENT_TURNS - 1 ? tools : [];
          const turn = await model({ messages, tools: offered, sessionId, onText: say, signal });
          turns.push(turn);
          return turn;
        };
        const useTools = async ({ toolCalls }: ModelTurn) => {
          toolMessages.push({ role: 'assistant', content: null, tool_calls: toolCalls });
          for (const call of toolCalls) toolMessages.push(await toolbox.execute(call));
        };

        // A first turn in which the model may ask for tools. If it wants none, it is asked again with context.
        if (tools.length > 0) {
          const turn = await ask([], () => {});
          if (turn.toolCalls.length > 0) await useTools(turn);
        }
        const documents = await retrieveContext(text);
        const answer = await generateResponse(documents, ask, useTools, onText);
        await remember(sessionId, text, answer.text);

        const input = turns.reduce((sum, turn) => sum + turn.inputTokens, 0);
        const output = turns.reduce((sum, turn) => sum + turn.outputTokens, 0);
        return {
          answer: answer.text,
          intent,
          model: answer.model,
          tokens: { input, output, total: input + output },
          tools: turns.flatMap((turn) => turn.toolCalls.map((call) => call.function.name)),
          sources: [...new Set(documents.map((document) => document.title))],
        };
      },
    );

  function classify(text: string, history: readonly HistoryMessage[]): Intent {
    return traced.step('classify_intent', (span) => {
      const earlier = history.filter((message) => message.role === 'user').map((message) => message.content);
      const intent = classifyIntent(text, earlier);
      span.setAttribute('intent', intent);
      return intent;
    });
  }

  /** Without tools the model answers from the handbook alone. */
  async function offerTools(): Promise<readonly ToolDefinition[]> {
    try {
      return await toolbox.definitions();
    } catch (error) {
      log.warn({ err: error }, 'answering without tools');
      return [];
    }
  }

  /** Without the handbook the model says that it found nothing, which is better than no answer. */
  async function retrieveContext(query: string): Promise<readonly RetrievedDocument[]> {
    try {
      return await traced.step('retrieve_context', async () => {
        const request = { query, top_k: DOCUMENTS };
        return (await retrieval.post<{ documents: RetrievedDocument[] }>('/retrieve', request)).documents;
      });
    } catch (error) {
      log.warn({ err: error }, 'answering without the handbook');
      return [];
    }
  }

  async function generateResponse(
    documents: readonly RetrievedDocument[],
    ask: (documents: readonly RetrievedDocument[], say: (piece: string) => void) => Promise<ModelTurn>,
    useTools: (turn: ModelTurn) => Promise<void>,
    onText: (piece: string) => void,
  ): Promise<ModelTurn> {
    return traced.step('generate_response', async (span) => {
      let tokensUsed = 0;
      for (;;) {
        const turn = await ask(documents, onText);
        tokensUsed += turn.inputTokens + turn.outputTokens;
        span.setAttributes({ 'tokens.used': tokensUsed, model: turn.model });
        if (turn.toolCalls.length === 0) return turn;
        await useTools(turn);
      }
    });
  }

  async function readHistory(sessionId: string): Promise<readonly HistoryMessage[]> {
    try {
      const path = `/sessions/${sessionId}/messages?limit=${HISTORY_MESSAGES}`;
      return (await memory.get<{ messages: HistoryMessage[] }>(path)).messages;
    } catch (error) {
      log.warn({ err: error }, 'answering without the history');
      return [];
    }
  }

  async function remember(sessionId: string, question: string, answer: string): Promise<void> {
    const messages = [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ];
    try {
      await memory.post(`/sessions/${sessionId}/messages`, { messages });
    } catch (error) {
      log.warn({ err: error }, 'this turn is not remembered');
    }
  }
}
