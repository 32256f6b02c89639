import type { Price } from './price.ts';

/*
 * List prices of the providers' own APIs, US dollars per million tokens, standard tier, text, caches of the shortest
 * lifetime. What a cloud, a gateway, a batch tier or a contract bills differs: `spanwise serve --prices` says so.
 *
 * Whoever changes a price adds a row with `from`, so that calls of earlier days keep theirs, and raises
 * `pricesChecked`.
 *
 * Sources, by provider:
 *   openai       https://developers.openai.com/api/docs/pricing
 *   anthropic    https://www.anthropic.com/pricing#api
 *   gcp.*        https://ai.google.dev/gemini-api/docs/pricing
 *   mistral_ai   https://mistral.ai/pricing#api-pricing
 *   deepseek     https://api-docs.deepseek.com/quick_start/pricing
 *   x_ai         https://docs.x.ai/docs/models
 *   cohere       https://cohere.com/pricing
 * Read out of the facts that https://github.com/pydantic/genai-prices collects from these pages, as of its
 * commit 47df840a of 2026-08-21; the newest look at a provider's page there is of 2026-08-13. Rows whose last look
 * is of 2025 are older models that are billed as they were then.
 */

/** Until this day the list was looked after. */
export const pricesChecked = '2026-08-21';

type Row = Omit<Price, 'providers' | 'models'>;
type Of = (models: string, row: Row) => Price;

const of =
  (...providers: readonly string[]): Of =>
  (models, row) => ({ providers, models: models.split(' '), ...row });

const openai = of('openai');
const anthropic = of('anthropic');
const google = of('gcp.gemini', 'gcp.gen_ai', 'gcp.vertex_ai');
const mistral = of('mistral_ai');
const deepseek = of('deepseek');
const xai = of('x_ai');
const cohere = of('cohere');

const sonnet: Row = { input: 3, cachedInput: 0.3, cacheWrite: 3.75, output: 15 };
const longSonnet: Row = {
  ...sonnet,
  above: { inputTokens: 200_000, input: 6, cachedInput: 0.6, cacheWrite: 7.5, output: 22.5 },
};
const firstOpus: Row = { input: 15, cachedInput: 1.5, cacheWrite: 18.75, output: 75 };
const opus: Row = { input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 25 };

export const listedPrices: readonly Price[] = [
  openai('gpt-4o', { input: 2.5, cachedInput: 1.25, output: 10 }),
  openai('gpt-4o-2024-05-13', { input: 5, output: 15 }),
  openai('gpt-4o-mini', { input: 0.15, cachedInput: 0.075, output: 0.6 }),
  openai('gpt-4.1', { input: 2, cachedInput: 0.5, output: 8 }),
  openai('gpt-4.1-mini', { input: 0.4, cachedInput: 0.1, output: 1.6 }),
  openai('gpt-4.1-nano', { input: 0.1, cachedInput: 0.025, output: 0.4 }),
  openai('gpt-4-turbo', { input: 10, output: 30 }),
  openai('gpt-4', { input: 30, output: 60 }),
  openai('gpt-3.5-turbo gpt-3.5-turbo-0125', { input: 0.5, output: 1.5 }),
  openai('gpt-5 gpt-5-chat-latest gpt-5-codex', { input: 1.25, cachedInput: 0.125, output: 10 }),
  openai('gpt-5-mini', { input: 0.25, cachedInput: 0.025, output: 2 }),
  openai('gpt-5-nano', { input: 0.05, cachedInput: 0.005, output: 0.4 }),
  openai('gpt-5-pro', { input: 15, output: 120 }),
  openai('gpt-5.1 gpt-5.1-chat-latest gpt-5.1-codex gpt-5.1-codex-max', {
    input: 1.25,
    cachedInput: 0.125,
    output: 10,
  }),
  openai('gpt-5.1-codex-mini', { input: 0.25, cachedInput: 0.025, output: 2 }),
  openai('gpt-5.2 gpt-5.2-chat-latest gpt-5.2-codex gpt-5.3 gpt-5.3-chat-latest gpt-5.3-codex', {
    input: 1.75,
    cachedInput: 0.175,
    output: 14,
  }),
  openai('gpt-5.2-pro', { input: 21, output: 168 }),
  openai('gpt-5.4', {
    input: 2.5,
    cachedInput: 0.25,
    output: 15,
    above: { inputTokens: 272_000, input: 5, cachedInput: 0.5, output: 22.5 },
  }),
  openai('gpt-5.4-mini', { input: 0.75, cachedInput: 0.075, output: 4.5 }),
  openai('gpt-5.4-nano', { input: 0.2, cachedInput: 0.02, output: 1.25 }),
  openai('gpt-5.4-pro', {
    input: 30,
    output: 180,
    above: { inputTokens: 272_000, input: 60, output: 270 },
  }),
  openai('gpt-5.5 gpt-5.5-chat-latest gpt-5.5-codex', { input: 5, cachedInput: 0.5, output: 30 }),
  openai('gpt-5.5-pro', { input: 30, output: 180 }),
  openai('gpt-5.6 gpt-5.6-sol', {
    input: 5,
    cachedInput: 0.5,
    cacheWrite: 6.25,
    output: 30,
    above: { inputTokens: 272_000, input: 10, cachedInput: 1, cacheWrite: 12.5, output: 45 },
  }),
  openai('gpt-5.6-terra', {
    input: 2.5,
    cachedInput: 0.25,
    cacheWrite: 3.125,
    output: 15,
    above: { inputTokens: 272_000, input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 22.5 },
  }),
  openai('gpt-5.6-terra', {
    from: '2026-07-30',
    input: 2,
    cachedInput: 0.2,
    cacheWrite: 2.5,
    output: 12,
    above: { inputTokens: 272_000, input: 4, cachedInput: 0.4, cacheWrite: 5, output: 18 },
  }),
  openai('gpt-5.6-luna', {
    input: 1,
    cachedInput: 0.1,
    cacheWrite: 1.25,
    output: 6,
    above: { inputTokens: 272_000, input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 9 },
  }),
  openai('gpt-5.6-luna', {
    from: '2026-07-30',
    input: 0.2,
    cachedInput: 0.02,
    cacheWrite: 0.25,
    output: 1.2,
    above: { inputTokens: 272_000, input: 0.4, cachedInput: 0.04, cacheWrite: 0.5, output: 1.8 },
  }),
  openai('o1', { input: 15, cachedInput: 7.5, output: 60 }),
  openai('o3', { input: 10, cachedInput: 2.5, output: 40 }),
  openai('o3', { from: '2025-06-10', input: 2, cachedInput: 0.5, output: 8 }),
  openai('o3-mini', { input: 1.1, cachedInput: 0.55, output: 4.4 }),
  openai('o3-pro', { input: 20, output: 80 }),
  openai('o4-mini', { input: 1.1, cachedInput: 0.275, output: 4.4 }),
  openai('text-embedding-3-large', { input: 0.13 }),
  openai('text-embedding-3-small', { input: 0.02 }),
  openai('text-embedding-ada-002', { input: 0.1 }),

  anthropic('claude-3-haiku', { input: 0.25, cachedInput: 0.03, cacheWrite: 0.3, output: 1.25 }),
  anthropic('claude-3-opus claude-3-opus-latest', firstOpus),
  anthropic('claude-3-5-haiku claude-3-5-haiku-latest', {
    input: 0.8,
    cachedInput: 0.08,
    cacheWrite: 1,
    output: 4,
  }),
  anthropic('claude-3-sonnet claude-3-5-sonnet claude-3-5-sonnet-latest', sonnet),
  anthropic('claude-3-7-sonnet claude-3-7-sonnet-latest', sonnet),
  anthropic('claude-sonnet-4 claude-sonnet-4-0', sonnet),
  anthropic('claude-sonnet-4-5', longSonnet),
  anthropic('claude-sonnet-4-6', longSonnet),
  anthropic('claude-sonnet-4-6', { from: '2026-03-13', ...sonnet }),
  anthropic('claude-sonnet-5', { input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 10 }),
  anthropic('claude-sonnet-5', { from: '2026-09-01', ...sonnet }),
  anthropic('claude-haiku-4-5', { input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 5 }),
  anthropic('claude-opus-4 claude-opus-4-0 claude-opus-4-1', firstOpus),
  anthropic('claude-opus-4-6', {
    ...opus,
    above: { inputTokens: 200_000, input: 10, cachedInput: 1, cacheWrite: 12.5, output: 37.5 },
  }),
  anthropic('claude-opus-4-6', { from: '2026-03-13', ...opus }),
  anthropic('claude-opus-4-5 claude-opus-4-7 claude-opus-4-8 claude-opus-5', opus),

  google('gemini-2.0-flash', { input: 0.1, cachedInput: 0.025, output: 0.4 }),
  google('gemini-2.0-flash-lite', { input: 0.075, output: 0.3 }),
  google('gemini-2.5-flash', { input: 0.3, cachedInput: 0.03, output: 2.5 }),
  google('gemini-2.5-flash-lite', { input: 0.1, cachedInput: 0.01, output: 0.4 }),
  google('gemini-2.5-pro', {
    input: 1.25,
    cachedInput: 0.125,
    output: 10,
    above: { inputTokens: 200_000, input: 2.5, cachedInput: 0.25, output: 15 },
  }),
  google('gemini-3-pro-preview gemini-3.1-pro-preview', {
    input: 2,
    cachedInput: 0.2,
    output: 12,
    above: { inputTokens: 200_000, input: 4, cachedInput: 0.4, output: 18 },
  }),
  google('gemini-3-flash-preview', { input: 0.5, cachedInput: 0.05, output: 3 }),
  google('gemini-3.1-flash-lite', { input: 0.25, cachedInput: 0.025, output: 1.5 }),
  google('gemini-3.5-flash', { input: 1.5, cachedInput: 0.15, output: 9 }),
  google('gemini-3.5-flash-lite', { input: 0.3, cachedInput: 0.03, output: 2.5 }),
  google('gemini-3.6-flash gemini-3.7-flash', { input: 0.75, cachedInput: 0.075, output: 3.75 }),
  google('gemini-3.6-flash gemini-3.7-flash', {
    from: '2027-01-01',
    input: 1.5,
    cachedInput: 0.15,
    output: 7.5,
  }),
  google('gemini-embedding-001', { input: 0.15 }),

  mistral('mistral-large-2512', { input: 0.5, cachedInput: 0.05, output: 1.5 }),
  mistral('mistral-small-2603', { input: 0.15, cachedInput: 0.015, output: 0.6 }),
  mistral('mistral-medium-3', { input: 0.4, output: 2 }),
  mistral('magistral-medium', { input: 2, output: 5 }),
  mistral('codestral-2508', { input: 0.3, cachedInput: 0.03, output: 0.9 }),
  mistral('devstral-2512', { input: 0.4, cachedInput: 0.04, output: 2 }),
  mistral('ministral-3b-2512', { input: 0.1, cachedInput: 0.01, output: 0.1 }),
  mistral('ministral-14b-2512', { input: 0.2, cachedInput: 0.02, output: 0.2 }),
  mistral('mistral-embed', { input: 0.1 }),

  deepseek('deepseek-v4-flash', { input: 0.14, cachedInput: 0.0028, output: 0.28 }),
  deepseek('deepseek-v4-pro', { input: 0.435, cachedInput: 0.003_625, output: 0.87 }),

  xai('grok-3', { input: 3, cachedInput: 0.75, output: 15 }),
  xai('grok-3-mini', { input: 0.3, cachedInput: 0.075, output: 0.5 }),
  xai('grok-4-0709', { input: 3, cachedInput: 0.75, output: 15 }),
  xai('grok-4-fast-reasoning grok-4-fast-non-reasoning', { input: 0.2, cachedInput: 0.05, output: 0.5 }),
  xai('grok-4-1-fast-reasoning grok-4-1-fast-non-reasoning', { input: 0.2, cachedInput: 0.05, output: 0.5 }),
  xai('grok-4.20 grok-4.3', { input: 1.25, cachedInput: 0.2, output: 2.5 }),
  xai('grok-4.5', { input: 2, cachedInput: 0.5, output: 6 }),
  xai('grok-code-fast-1', { input: 0.2, cachedInput: 0.02, output: 1.5 }),

  cohere('command-a', { input: 2.5, output: 10 }),
  cohere('command-r', { input: 0.15, output: 0.6 }),
  cohere('command-r-plus', { input: 2.5, output: 10 }),
  cohere('command-r7b', { input: 0.0375, output: 0.15 }),
  cohere('embed-v4.0', { input: 0.12 }),
];
