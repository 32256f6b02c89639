/*
 *   1…1   gateway       POST /chat       |==================|     200 ms
 *         llm-proxy       chat gpt-4o       |============|        130 ms, error, linked to the other trace
 *         llm-proxy         decode            |====|              60 ms, the same service
 *   0…2   gateway       GET /health      |=|                      10 ms, 1 s later, no kind, parent unknown
 */
export const startMillis = Date.now() - 60_000;
export const idOf = (n: 1 | 2) => (n === 1 ? '1'.repeat(32) : '2'.padStart(32, '0'));

const nanos = (millis: number) => `${startMillis + millis}123456`;
const attribute = (key: string, value: object) => ({ key, value });

const group = (service: string, spans: readonly object[]) => ({
  resource: {
    attributes: [
      attribute('service.name', { stringValue: service }),
      attribute('host.name', { stringValue: 'h1' }),
    ],
  },
  scopeSpans: [{ scope: { name: 'lib', version: '1.2' }, spans }],
});

/** An ExportTraceServiceRequest as OTLP JSON. */
export const conversation = {
  resourceSpans: [
    group('gateway', [
      {
        traceId: idOf(1),
        spanId: 'a'.repeat(16),
        name: 'POST /chat',
        kind: 2,
        traceState: 'a=b',
        startTimeUnixNano: nanos(0),
        endTimeUnixNano: nanos(200),
        attributes: [
          attribute('user', { stringValue: 'two words' }),
          attribute('http.response.status_code', { intValue: '200' }),
          attribute('cached', { boolValue: true }),
          attribute('ratio', { doubleValue: 0.5 }),
          attribute('list', { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } }),
          attribute('big', { intValue: '9007199254740993' }),
        ],
        events: [
          { timeUnixNano: nanos(5), name: 'retry', attributes: [attribute('attempt', { intValue: '2' })] },
        ],
      },
      {
        traceId: idOf(2),
        spanId: 'b'.repeat(16),
        parentSpanId: 'f'.repeat(16),
        name: 'GET /health',
        startTimeUnixNano: nanos(1_000),
        endTimeUnixNano: nanos(1_010),
      },
    ]),
    group('llm-proxy', [
      {
        traceId: idOf(1),
        spanId: 'c'.repeat(16),
        parentSpanId: 'a'.repeat(16),
        name: 'chat gpt-4o',
        kind: 3,
        startTimeUnixNano: nanos(30),
        endTimeUnixNano: nanos(160),
        status: { code: 2, message: 'too long' },
        links: [{ traceId: idOf(2), spanId: 'b'.repeat(16) }],
      },
      {
        traceId: idOf(1),
        spanId: 'd'.repeat(16),
        parentSpanId: 'c'.repeat(16),
        name: 'decode',
        kind: 1,
        startTimeUnixNano: nanos(40),
        endTimeUnixNano: nanos(100),
        status: { code: 1 },
      },
    ]),
  ],
};
