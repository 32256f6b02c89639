import { reducedText } from './long-text.ts';

/** Lines that say where, and nothing else: what a message looks like fits none of them. */
const frames: readonly RegExp[] = [
  // JavaScript: `    at async Object.run [as go] (file:///a/b.js:1:2)`, `    at /a/b.js:1:2`
  /^\s+at (?:(?:async |new )*[\w$.<>#]{1,200}(?: \[as [\w$.]{1,100}\])? )?\(?[^()\s]{1,500}:\d{1,9}:\d{1,9}\)?$/,
  // Java, Kotlin: `\tat com.shop.Cart.pay(Cart.java:12)`
  /^\s+at [\w$.<>/@]{1,300}\((?:[\w$-]{1,200}\.\w{1,10}:\d{1,9}|Native Method|Unknown Source)\)$/,
  // .NET: `   at Shop.Cart.Pay(String id) in /src/Cart.cs:line 12`
  /^\s+at [\w.<>`[\]]{1,300}\((?:[\w.<>`[\]&]{1,100} \w{1,100}(?:, |(?=\)))){0,20}\)(?: in \S{1,500}:line \d{1,9})?$/,
  // Python: `  File "/a/b.py", line 12, in pay`
  /^\s+File "[^"\s]{1,500}", line \d{1,9}(?:, in [\w<>.]{1,200})?$/,
  // Go: `\t/a/b.go:12 +0x1d`
  /^\t\S{1,500}\.go:\d{1,9}(?: \+0x[0-9a-f]{1,16})?$/,
];

/** Longer lines are no frames, and what is behind so many nobody reads. */
const maxLineLength = 1_000;
const maxFrames = 100;

/**
 * A stack without the messages in it: how many bytes went, and below that the frames. Lines of source code, which
 * some languages print between the frames, go too.
 */
export function reduceStack(stack: string): string {
  const kept: string[] = [];
  for (let start = 0; start < stack.length && kept.length < maxFrames; ) {
    const newline = stack.indexOf('\n', start);
    const end = newline < 0 ? stack.length : newline;
    if (end - start <= maxLineLength) {
      const line = stack.slice(start, end).trimEnd();
      if (frames.some((frame) => frame.test(line))) kept.push(line);
    }
    start = end + 1;
  }
  const text = kept.join('\n');
  const went = utf8Length(stack) - utf8Length(text);
  return kept.length === 0 ? reducedText(went) : `${reducedText(went)}\n${text}`;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
