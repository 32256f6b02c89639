import { describe, expect, it } from 'vitest';
import { classifyIntent, needsTool } from './classify-intent.ts';

describe('classifyIntent', () => {
  it.each([
    ['How do I descale the machine?', 'question'],
    ['Why does my espresso taste sour?', 'question'],
    ['How long does shipping take?', 'question'],
    ['Can I cancel an order?', 'question'],
    ['What does E05 mean?', 'question'],
    ['What is the status of order 1042?', 'order_status'],
    ['Where is order #1043', 'order_status'],
    ['What is 18% of 249.90?', 'calculation'],
    ['how much is 3 * (4 + 5)', 'calculation'],
    ['What time is it in Tokyo?', 'time'],
    ['hello', 'small_talk'],
    ['Thanks a lot!', 'small_talk'],
    ['Hi, how do I change the filter?', 'question'],
  ])('%s is %s', (message, intent) => {
    expect(classifyIntent(message, [])).toBe(intent);
  });

  it('knows "it" from the conversation', () => {
    expect(classifyIntent('And when will it arrive?', ['What about order 1042?'])).toBe('order_status');
    expect(classifyIntent('And when will it arrive?', ['How do I descale it?'])).toBe('question');
  });

  it('asks for a tool for three of five', () => {
    const intents = ['question', 'small_talk', 'order_status', 'calculation', 'time'] as const;
    expect(intents.filter(needsTool)).toEqual(['order_status', 'calculation', 'time']);
  });
});
