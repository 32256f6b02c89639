import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrefixMatcher } from './prefix-matcher.ts';

const entries = ['ai.', 'ai.prompt', 'lk.', 'metadata', 'genkit:', 'input.value'];

describe('a prefix matcher', () => {
  const matches = createPrefixMatcher(entries);

  it.each([
    ['ai', true],
    ['ai.x', true],
    ['aix', false],
    ['a', false],
    ['metadata', true],
    ['metadatas', true],
    ['metadat', false],
    ['genkit', false],
    ['', false],
  ])('%s: %s', (key, isMatch) => expect(matches(key)).toBe(isMatch));

  it('says of any key what a look at every entry says', () => {
    const pieces = ['ai', 'lk', 'metadata', 'meta', 'genkit', 'input', 'value', '.', ':', 'x', 'ü'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 4 }), (parts) => {
        const key = parts.join('');
        const slow = entries.some((entry) => key.startsWith(entry) || `${key}.` === entry);
        expect(matches(key)).toBe(slow);
      }),
    );
  });
});
