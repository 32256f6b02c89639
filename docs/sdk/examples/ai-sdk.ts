import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { traceAiSdk, traced } from '@spanwise/instrumentation';
import { streamText } from 'ai';

traceAiSdk();

const provider = createOpenAICompatible({
  name: 'openai',
  baseURL: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
  apiKey: process.env.OPENAI_API_KEY ?? '',
  includeUsage: true,
});

export const answer = await traced.step('handle_message', async () => {
  const { textStream } = streamText({
    model: provider('gpt-5-mini'),
    prompt: 'Where is order 1042?',
    telemetry: { functionId: 'support' },
  });
  let text = '';
  for await (const piece of textStream) text += piece;
  return text;
});
