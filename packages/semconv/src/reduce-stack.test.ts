import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduceStack } from './reduce-stack.ts';

const secret = 'canary in the coal mine';

describe('a stack without its messages', () => {
  it.each([
    [
      'JavaScript',
      `TypeError: ${secret}\n  of two lines\n    at pay (file:///shop/cart.js:1:2)\n    at async Object.run [as go] (/shop/a.js:3:4)\n    at new Cart (node:internal/x:5:6)\n    at /shop/b.js:7:8\n    at <anonymous>\nCaused by: Error: ${secret}`,
      '    at pay (file:///shop/cart.js:1:2)\n    at async Object.run [as go] (/shop/a.js:3:4)\n    at new Cart (node:internal/x:5:6)\n    at /shop/b.js:7:8',
    ],
    [
      'Python',
      `Traceback (most recent call last):\n  File "/shop/cart.py", line 12, in pay\n    raise ValueError("${secret}")\nValueError: ${secret}`,
      '  File "/shop/cart.py", line 12, in pay',
    ],
    [
      'Java',
      `java.lang.IllegalStateException: ${secret}\r\n\tat com.shop.Cart.<init>(Cart.java:12)\r\n\tat java.base/java.lang.Thread.run(Thread.java:1583)\r\nCaused by: a.B: ${secret}\r\n\t... 12 more`,
      '\tat com.shop.Cart.<init>(Cart.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:1583)',
    ],
    [
      '.NET',
      `System.Exception: ${secret}\n   at Shop.Cart.Pay(String id, Int32 n) in /src/Cart.cs:line 12\n   at Shop.Main()`,
      '   at Shop.Cart.Pay(String id, Int32 n) in /src/Cart.cs:line 12\n   at Shop.Main()',
    ],
    [
      'Go',
      `panic: ${secret}\n\ngoroutine 1 [running]:\nmain.pay({0x1, 0x2})\n\t/shop/cart.go:12 +0x1d\nexit status 2`,
      '\t/shop/cart.go:12 +0x1d',
    ],
  ])('%s', (_, stack, frames) => {
    const reduced = reduceStack(stack);
    expect(reduced).toMatch(/^\[reduced: \d+ bytes\]\n/);
    expect(reduced.slice(reduced.indexOf('\n') + 1)).toBe(frames);
  });

  it.each([
    ['', '[reduced: 0 bytes]'],
    [secret, '[reduced: 23 bytes]'],
    [`  at f(${secret})`, '[reduced: 31 bytes]'],
    [`Error: ${secret}\n    at ${secret} (a.js:1:1)`, '[reduced: 72 bytes]'],
  ])('without a frame: %j', (stack, reduced) => expect(reduceStack(stack)).toBe(reduced));

  it('has no word of any message, and takes no long time', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        const stack = `Error: ${lines.map((line) => `${line}${secret}`).join('\n')}\n    at f (a.js:1:1)`;
        expect(reduceStack(stack)).not.toContain('coal');
      }),
    );
    expect(
      reduceStack(`${'    at '.repeat(200_000)}\n${'    at f (a.js:1:1)\n'.repeat(200_000)}`).split('\n'),
    ).toHaveLength(101);
  });
});
