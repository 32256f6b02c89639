/** Strategies of all kinds, in Jaeger's format: what a file may hold that backend, SDK and a real Jaeger read. */
export const samplingStrategies = {
  service_strategies: [
    {
      service: 'api-gateway',
      type: 'probabilistic',
      param: 0,
      operation_strategies: [{ operation: 'POST /chat', type: 'probabilistic', param: 1 }],
    },
    { service: 'llm-proxy', type: 'ratelimiting', param: 1 },
  ],
  default_strategy: { type: 'probabilistic', param: 0.5 },
};
