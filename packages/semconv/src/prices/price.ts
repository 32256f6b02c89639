/** US dollars per million tokens. Absent: the provider bills nothing of this kind on its own. */
export interface Rates {
  /** Of input that came out of no cache. */
  readonly input: number;
  /** Of input read from a cache. Absent: as `input`. */
  readonly cachedInput?: number;
  /** Of input written to a cache. Absent: as `input`. */
  readonly cacheWrite?: number;
  /** Absent: the model gives no tokens (embeddings). */
  readonly output?: number;
  /** Of reasoning, where it is billed apart. Absent: as `output`. */
  readonly reasoning?: number;
}

/** What a model costs, from a day on. */
export interface Price extends Rates {
  /** As the conventions spell `gen_ai.provider.name`. Empty: whoever answers. */
  readonly providers: readonly string[];
  /** Names of the model; `modelKey` of a name that was sent is compared with theirs. */
  readonly models: readonly string[];
  /** First day, `2026-07-30` (UTC). Absent: always. */
  readonly from?: string;
  /** A call with more input than this is billed at these rates as a whole. */
  readonly above?: Rates & { readonly inputTokens: number };
}

/** Counts as the conventions define them: caches are part of the input, reasoning of the output. -1: unknown. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
}

/**
 * US dollars for one call. Absence: -1 when a count that the price needs is unknown, or tokens came for which
 * there is no price; never a guess, and never 0 for unknown.
 */
export function costOf(price: Price, counts: TokenCounts): number {
  const { inputTokens, outputTokens } = counts;
  if (inputTokens < 0) return -1;
  const { above } = price;
  const rates: Rates = above !== undefined && inputTokens > above.inputTokens ? above : price;
  const { input, cachedInput = input, cacheWrite = input, output } = rates;
  const read = Math.min(Math.max(counts.cacheReadTokens, 0), inputTokens);
  const written = Math.min(Math.max(counts.cacheWriteTokens, 0), inputTokens - read);
  const forInput = (inputTokens - read - written) * input + read * cachedInput + written * cacheWrite;
  if (output === undefined) return outputTokens > 0 ? -1 : forInput / tokensPerRate;
  if (outputTokens < 0) return -1;
  const reasoned = Math.min(Math.max(counts.reasoningTokens, 0), outputTokens);
  const forOutput = (outputTokens - reasoned) * output + reasoned * (rates.reasoning ?? output);
  return (forInput + forOutput) / tokensPerRate;
}

const tokensPerRate = 1_000_000;
