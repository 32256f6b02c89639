/** A wrapper to be put through the table, and what it is installed with. */
export interface Subject {
  readonly id: string;
  /** As it stands in the page's head. */
  readonly name: string;
  readonly library: 'openai' | 'anthropic';
  /** Installed into a folder of its own, the library first; ours runs from the checkout. */
  readonly packages: readonly string[];
  /** The packages whose versions the page tells. */
  readonly shown: readonly string[];
}

const openAi = 'openai@6';
const anthropic = '@anthropic-ai/sdk@1';
const sdk3 = [
  '@opentelemetry/api@1.10',
  '@opentelemetry/sdk-trace@3',
  '@opentelemetry/context-async-hooks@3',
];
const sdk2 = ['@opentelemetry/api@~1.9.0', '@opentelemetry/sdk-trace-node@2'];

export const subjects: readonly Subject[] = [
  {
    id: 'spanwise-openai',
    name: 'Spanwise',
    library: 'openai',
    packages: [openAi],
    shown: ['openai'],
  },
  {
    id: 'opentelemetry-openai',
    name: 'OpenTelemetry',
    library: 'openai',
    packages: [openAi, ...sdk3, '@opentelemetry/instrumentation-openai'],
    shown: ['@opentelemetry/instrumentation-openai', '@opentelemetry/sdk-trace', 'openai'],
  },
  {
    id: 'openinference-openai',
    name: 'OpenInference',
    library: 'openai',
    packages: [openAi, ...sdk2, '@arizeai/openinference-instrumentation-openai'],
    shown: ['@arizeai/openinference-instrumentation-openai', '@opentelemetry/sdk-trace-node', 'openai'],
  },
  {
    id: 'openllmetry-openai',
    name: 'OpenLLMetry',
    library: 'openai',
    packages: [openAi, ...sdk2, '@traceloop/instrumentation-openai'],
    shown: ['@traceloop/instrumentation-openai', '@opentelemetry/sdk-trace-node', 'openai'],
  },
  {
    id: 'langfuse-openai',
    name: 'Langfuse',
    library: 'openai',
    packages: [openAi, ...sdk2, '@langfuse/openai'],
    shown: ['@langfuse/openai', '@opentelemetry/sdk-trace-node', 'openai'],
  },
  {
    id: 'spanwise-anthropic',
    name: 'Spanwise',
    library: 'anthropic',
    packages: [anthropic],
    shown: ['@anthropic-ai/sdk'],
  },
  {
    id: 'own-anthropic',
    name: 'the client itself',
    library: 'anthropic',
    packages: [anthropic, ...sdk3],
    shown: ['@anthropic-ai/sdk', '@opentelemetry/sdk-trace'],
  },
  {
    id: 'openinference-anthropic',
    name: 'OpenInference',
    library: 'anthropic',
    packages: [anthropic, ...sdk2, '@arizeai/openinference-instrumentation-anthropic'],
    shown: [
      '@arizeai/openinference-instrumentation-anthropic',
      '@opentelemetry/sdk-trace-node',
      '@anthropic-ai/sdk',
    ],
  },
  {
    id: 'openllmetry-anthropic',
    name: 'OpenLLMetry',
    library: 'anthropic',
    // It patches a class that version 1 no longer has, and throws there.
    packages: ['@anthropic-ai/sdk@0.137', ...sdk2, '@traceloop/instrumentation-anthropic'],
    shown: ['@traceloop/instrumentation-anthropic', '@opentelemetry/sdk-trace-node', '@anthropic-ai/sdk'],
  },
];
