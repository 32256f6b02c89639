import { describe, expect, it } from 'vitest';
import { listedPrices, pricesChecked } from './listed-prices.ts';
import { costOf, type Price } from './price.ts';
import { modelKey, PriceList } from './price-list.ts';

const counts = (given: Partial<Parameters<typeof costOf>[1]>) => ({
  inputTokens: -1,
  outputTokens: -1,
  cacheReadTokens: -1,
  cacheWriteTokens: -1,
  reasoningTokens: -1,
  ...given,
});
const price = (row: Partial<Price>): Price => ({ providers: ['acme'], models: ['m'], input: 4, ...row });

describe('the cost of a call', () => {
  it.each([
    ['plain', { input: 2, output: 10 }, { inputTokens: 1_000, outputTokens: 100 }, 0.003],
    [
      'caches are part of the input',
      { input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 10 },
      { inputTokens: 1_000, cacheReadTokens: 500, cacheWriteTokens: 100, outputTokens: 0 },
      (400 * 2 + 500 * 0.2 + 100 * 2.5) / 1e6,
    ],
    [
      'caches without a price of their own are input',
      { input: 2, output: 10 },
      { inputTokens: 1_000, cacheReadTokens: 500, outputTokens: 0 },
      0.002,
    ],
    [
      'reasoning is part of the output',
      { input: 0, output: 10, reasoning: 20 },
      { inputTokens: 0, outputTokens: 100, reasoningTokens: 40 },
      (60 * 10 + 40 * 20) / 1e6,
    ],
    [
      'long input at its own rates, as a whole',
      { input: 2, output: 10, above: { inputTokens: 200, input: 4, output: 20 } },
      { inputTokens: 201, outputTokens: 10 },
      (201 * 4 + 10 * 20) / 1e6,
    ],
    ['not longer than that', { above: { inputTokens: 200, input: 9 } }, { inputTokens: 200 }, 200 * 4e-6],
    ['embeddings give no tokens', {}, { inputTokens: 10 }, 4e-5],
    ['input unknown', { output: 1 }, { outputTokens: 5 }, -1],
    ['output unknown', { output: 1 }, { inputTokens: 5 }, -1],
    ['output that has no price', {}, { inputTokens: 5, outputTokens: 5 }, -1],
    ['more from the cache than there was', { cachedInput: 1 }, { inputTokens: 5, cacheReadTokens: 9 }, 5e-6],
  ] as const)('%s', (_, row, given, expected) => {
    expect(costOf(price(row), counts(given))).toBeCloseTo(expected, 12);
  });
});

describe('a price list', () => {
  const list = new PriceList([
    price({ models: ['m-1.5'], input: 1 }),
    price({ models: ['m-1.5'], input: 2, from: '2026-03-01' }),
    price({ models: ['m-1.5-2026-02-02'], input: 9 }),
    price({ providers: ['acme', 'acme.eu'], models: ['both'], input: 3 }),
    price({ providers: ['rival'], models: ['m-1.5', 'alone'], input: 5 }),
    price({ providers: [], models: ['anywhere'], input: 6 }),
  ]);
  it.each([
    ['the name', 'acme', 'm-1.5', '2026-01-01', 1],
    ['the day', 'acme', 'm-1.5', '2026-03-01', 2],
    ['case, dots and folders', 'acme', 'models/M-1-5', '2026-01-01', 1],
    ['a dated name', 'acme', 'm-1.5-2026-04-04', '2026-01-01', 1],
    ['a date in short', 'acme', 'm-1.5-20260404', '2026-01-01', 1],
    ['a date that has its own price', 'acme', 'm-1.5-2026-02-02', '2026-01-01', 9],
    ['every provider of a row', 'acme.eu', 'both', '2026-01-01', 3],
    ['no provider, one that has it', '', 'alone', '2026-01-01', 5],
    ['no provider, one under two names', '', 'both', '2026-01-01', 3],
    ['no provider, several that have it', '', 'm-1.5', '2026-01-01', undefined],
    ['whoever answers', 'stranger', 'anywhere', '2026-01-01', 6],
    ['another provider', 'stranger', 'alone', '2026-01-01', undefined],
    ['a longer name', 'acme', 'm-1.5-mini', '2026-01-01', undefined],
    ['no name', 'acme', '', '2026-01-01', undefined],
  ])('%s', (_, provider, model, day, input) => {
    expect(list.find(provider, model, day)?.input).toBe(input);
  });

  it('has no price before the first day', () => {
    const later = new PriceList([price({ from: '2026-03-01' })]);
    expect(later.find('acme', 'm', '2026-02-28')).toBeUndefined();
  });

  it('takes models of the first list from there alone', () => {
    const both = new PriceList(
      [price({ models: ['m'], input: 7 })],
      [price({ models: ['m', 'n'], input: 1, from: '2026-03-01' })],
    );
    expect(both.find('acme', 'm', '2026-05-01')?.input).toBe(7);
    expect(both.find('acme', 'n', '2026-05-01')?.input).toBe(1);
  });
});

describe('the listed prices', () => {
  it('have one price for a model and day', () => {
    const seen = new Set<string>();
    for (const { providers, models, from } of listedPrices) {
      for (const provider of providers) {
        for (const model of models) {
          const key = `${provider} ${modelKey(model)} ${from}`;
          expect(seen, key).not.toContain(key);
          seen.add(key);
        }
      }
    }
  });

  it('are above 0, cheaper from a cache, dearer above a bound', () => {
    for (const { models, above, ...rates } of listedPrices) {
      for (const { input, cachedInput = input, output = input } of [rates, above ?? rates]) {
        expect(input, models[0]).toBeGreaterThan(0);
        expect(cachedInput, models[0]).toBeLessThanOrEqual(input);
        expect(output, models[0]).toBeGreaterThanOrEqual(input);
      }
      if (above !== undefined) expect(above.input).toBeGreaterThan(rates.input);
    }
  });

  it('say until when somebody looked', () => {
    expect(pricesChecked).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(new PriceList(listedPrices).find('openai', 'gpt-4o-2024-08-06', '2026-08-01')).toMatchObject({
      input: 2.5,
      cachedInput: 1.25,
      output: 10,
    });
  });
});
