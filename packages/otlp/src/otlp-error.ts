/** Bytes or text that are no OTLP request. The message names the rule that was broken and quotes no value. */
export class OtlpError extends Error {
  override readonly name = 'OtlpError';
}
