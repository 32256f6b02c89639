/** Kinds of content that an application may hand over, and the conventions' attribute of each. */
export const contentKey = {
  input: 'gen_ai.input.messages',
  output: 'gen_ai.output.messages',
  instructions: 'gen_ai.system_instructions',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  query: 'gen_ai.retrieval.query.text',
  documents: 'gen_ai.retrieval.documents',
} as const;
