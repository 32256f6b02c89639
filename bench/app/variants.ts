/** A gateway that is measured. All run the same code with the same `openai`; only the tracing differs. */
export interface Variant {
  readonly id: string;
  readonly name: string;
  readonly tracing: 'none' | 'spanwise' | 'opentelemetry' | 'openllmetry' | 'langfuse';
  /** The agent's turn, its retrieval and its tool are spans as well; the others have only what comes by itself. */
  readonly hasSteps?: boolean;
  readonly isBackendDead?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export const variants: readonly Variant[] = [
  { id: 'absent', name: 'tracing absent', tracing: 'none' },
  { id: 'spanwise', name: 'Spanwise', tracing: 'spanwise' },
  { id: 'steps', name: 'Spanwise, agent steps', tracing: 'spanwise', hasSteps: true },
  {
    id: 'dead',
    name: 'Spanwise, agent steps, backend dead',
    tracing: 'spanwise',
    hasSteps: true,
    isBackendDead: true,
  },
  {
    id: 'hash',
    name: 'Spanwise, agent steps, content hash',
    tracing: 'spanwise',
    hasSteps: true,
    env: { SPANWISE_CAPTURE_CONTENT: 'hash', SPANWISE_CONTENT_KEY: 'a key of the bench' },
  },
  { id: 'opentelemetry', name: 'OpenTelemetry', tracing: 'opentelemetry' },
  { id: 'openllmetry', name: 'OpenTelemetry + OpenLLMetry', tracing: 'openllmetry' },
  { id: 'langfuse', name: 'OpenTelemetry + Langfuse', tracing: 'langfuse' },
];

/** What the parent asks a gateway, and is told. */
export type GatewayRequest = 'start' | 'stop' | 'flush' | 'end';

export interface GatewayUse {
  readonly cpuMicros: number;
  /** 99th percentile of what the event loop was late by. */
  readonly loopDelayMillis: number;
  readonly rssMebibytes: number;
  readonly heapMebibytes: number;
}
