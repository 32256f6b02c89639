import Anthropic from '@anthropic-ai/sdk';
import { traced, wrapAnthropic } from '@spanwise/instrumentation';

const client = wrapAnthropic(new Anthropic());

export const answer = await traced.agent({ name: 'support' }, async () => {
  const stream = client.messages.stream({
    model: 'claude-sonnet-5-5',
    max_tokens: 1024,
    messages: [{ role: 'user', content: 'Where is order 1042?' }],
  });
  return stream.finalText();
});
