import { ServiceError, type TracedServiceClient, traced } from '@spanwise/sdk';
import type { ChatMessage, ToolCall, ToolDefinition } from './chat-message.ts';

export interface Toolbox {
  /** What the model may ask for. */
  definitions(): Promise<readonly ToolDefinition[]>;
  /** Does what the model asked for; the result is a message for its next turn. Never throws for a failed tool. */
  execute(call: ToolCall): Promise<ChatMessage>;
}

interface ToolList {
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: object;
  }[];
}

export function createToolbox(toolExecution: TracedServiceClient): Toolbox {
  let known: readonly ToolDefinition[] | undefined;
  return {
    async definitions() {
      known ??= (await toolExecution.get<ToolList>('/tools')).tools.map((tool) => ({
        type: 'function',
        function: tool,
      }));
      return known;
    },

    execute(call) {
      const { name } = call.function;
      // The article's names, beside those of the conventions. What the tool was asked and what it said stay out.
      const options = { name, callId: call.id, type: 'function' as const, attributes: { 'tool.name': name } };
      return traced.tool(options, async (span): Promise<ChatMessage> => {
        const result = await callTool(call).catch((error: unknown) => {
          const code = error instanceof ServiceError ? error.code : 'invalid_arguments';
          span.recordToolError(code);
          return { error: code };
        });
        span.setAttribute('tool.success', !('error' in result));
        return { role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) };
      });
    },
  };

  async function callTool({ function: { name, arguments: json } }: ToolCall): Promise<object> {
    const path = `/tools/${encodeURIComponent(name)}`;
    const { result } = await toolExecution.post<{ result: object }>(path, { arguments: JSON.parse(json) });
    return result;
  }
}
