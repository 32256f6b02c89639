import { traced, wrapOpenAI } from '@spanwise/instrumentation';
import OpenAI from 'openai';

const client = wrapOpenAI(new OpenAI());

export const answer = await traced.agent({ name: 'support' }, async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'Where is order 1042?' }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
});
