import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messagesBelow } from './messages-below.ts';

/** An item is so many bytes of its own number. */
const encode = (items: readonly number[]) => Uint8Array.from(items.flatMap((size) => Array(size).fill(size)));

describe('messagesBelow', () => {
  it('keeps every item, in order, in messages within the bound, but for an item that is larger alone', () => {
    const bound = 64;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 600 }), (items) => {
        const messages = [...messagesBelow(bound, items, encode)];
        expect(messages.flatMap((message) => [...message])).toEqual([...encode(items)]);
        for (const message of messages) {
          if (message.length > bound) expect([...message]).toEqual([...encode([message.length])]);
        }
      }),
    );
  });

  it('fills messages when items are alike', () => {
    const messages = [...messagesBelow(1_000, Array<number>(10_000).fill(1), encode)];
    expect(messages.length).toBeLessThan(20);
  });
});
