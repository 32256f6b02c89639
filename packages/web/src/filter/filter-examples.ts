/** For the help. The same filters stand in docs/filter-language.md, which a test compares. */
export const filterExamples = [
  ['service = "llm-proxy" and status = error', 'failed spans of one service'],
  ['duration > 2s', 'spans that took longer than two seconds'],
  ['duration > p99(7d)', 'slower than 99 % of the last seven days of the same operation'],
  ['http.response.status_code >= 500', 'an attribute, on any level'],
  ['gen_ai.request.model !~ ".*mini.*"', 'the attribute is there and does not match'],
  ['model = "gpt-4o" and tokens > 1000', 'model calls that used many tokens'],
  ['root_service = "gateway" and trace_duration > 5s', 'spans of slow traces that began in the gateway'],
  ['{service = "gateway"} >> {status = error}', 'failed spans anywhere below a span of the gateway'],
  ['{operation = "invoke_agent"} > {tool = "search"}', 'tool calls made by an agent itself'],
] as const;
