import { readFileSync, statSync } from 'node:fs';
import type { Price } from '@spanwise/semconv/prices';
import { z } from 'zod';
import { limits } from '../limits.ts';

const amount = z.number().nonnegative();
const rates = {
  input: amount,
  cachedInput: amount.exactOptional(),
  cacheWrite: amount.exactOptional(),
  output: amount.exactOptional(),
  reasoning: amount.exactOptional(),
};
const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'expected a name or a list of names',
});

/** docs/cost.md shows it. */
const pricesFile = z.strictObject({
  currency: z.literal('USD').exactOptional(),
  prices: z.array(
    z.strictObject({
      provider: texts.exactOptional(),
      model: texts,
      from: z.iso.date().exactOptional(),
      ...rates,
      above: z.strictObject({ inputTokens: z.int().positive(), ...rates }).exactOptional(),
    }),
  ),
});

/** @throws Error that names the first key which is not as it must be; for a file that can't be read or is too large. */
export function readPrices(file: string): readonly Price[] {
  const maxBytes = limits.pricesFileBytes.value;
  const { size } = statSync(file);
  if (size > maxBytes) throw new Error(`${size} bytes are more than ${maxBytes}`);
  const parsed = pricesFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(textOf(parsed.error.issues[0]!));
  const seen = new Set<string>();
  return parsed.data.prices.map(({ provider = [], model, ...price }, index) => {
    const row = {
      providers: listOf(provider).map((name) => name.toLowerCase()),
      models: listOf(model),
      ...price,
    };
    const keys = (row.providers.length === 0 ? [''] : row.providers).flatMap((one) =>
      row.models.map((name) => [one, name, row.from].join('\0')),
    );
    if (keys.some((key) => seen.has(key)))
      throw new Error(`prices.${index}.model: has a price of that day already`);
    for (const key of keys) seen.add(key);
    return row;
  });
}

function textOf({ path, message, ...issue }: z.core.$ZodIssue): string {
  const unknown = 'keys' in issue ? issue.keys[0] : undefined;
  const key = [...path, ...(unknown === undefined ? [] : [unknown])].join('.');
  return `${key || 'the file'}: ${unknown === undefined ? message : 'not known'}`;
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
