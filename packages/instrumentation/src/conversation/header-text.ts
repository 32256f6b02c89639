const HEADER_TEXT = /^[\x20-\x7e]*$/;

/**
 * Whether a text may stand in a header. Carriers that are none, as MCP's `_meta` or a queue's message, may bring
 * any: a propagator sends baggage on as it came, and the runtime would refuse the next request.
 */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && HEADER_TEXT.test(value);
}
