/**
 * The conversation that `npm start` sends: a question for the handbook, one for a tool, and a follow-up that
 * makes sense only with the memory of the one before.
 */
export const DEMO_CONVERSATION = [
  'How do I descale the machine?',
  'What is the status of order 1042?',
  'And when will it arrive?',
] as const;

/** Offered by the chat page. */
export const SUGGESTIONS = [
  ...DEMO_CONVERSATION,
  'Why does my espresso taste sour?',
  'What is 18% of 249.90?',
  'What time is it in Tokyo?',
] as const;
