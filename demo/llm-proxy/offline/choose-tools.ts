import type { Message } from '../openai-api.ts';

/** A tool that the rules would call. */
export interface ChosenTool {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const ORDER_NUMBER = /\b(?:order|bestellung)\s*(?:number|no\.?|nr\.?|#)?\s*#?(\d{3,8})\b/i;
const ABOUT_ORDER = /\b(?:order|parcel|package|deliver\w*|arriv\w*|shipp\w*|tracking|it come)\b/i;
const ARITHMETIC = /(?:sqrt\(|\d\s*%\s*(?:of\s*)?\d|[\d)]\s*[-+*/^×÷]\s*[(\d])/;
const EXPRESSION = /(?:sqrt\s*\(|[\d(])[\d\s.,+\-*/^%()×÷a-z]*/i;
const TIME_IN = /\b(?:time|o'clock|clock|date|day)\b.*?\b(?:in|at)\s+([A-Z][\p{L}_/ -]{1,40})/u;
const TIME = /\bwhat(?:'s| is)? (?:the )?(?:time|date|day)\b/i;

/**
 * Function calling by rules: which of the offered tools the last question needs, with which arguments. What
 * "it" refers to is looked for in the conversation before.
 */
export function chooseTools(messages: readonly Message[], offered: ReadonlySet<string>): ChosenTool[] {
  const fromUser = messages.filter((message) => message.role === 'user').map((message) => message.content);
  const question = fromUser.at(-1) ?? '';
  const chosen = [chooseOrder(question, fromUser), chooseCalculation(question), chooseClock(question)];
  return chosen.filter((tool): tool is ChosenTool => tool !== undefined && offered.has(tool.name));
}

function chooseOrder(question: string, fromUser: readonly string[]): ChosenTool | undefined {
  let number = ORDER_NUMBER.exec(question)?.[1];
  if (number === undefined && ABOUT_ORDER.test(question)) {
    number = fromUser
      .map((text) => ORDER_NUMBER.exec(text)?.[1])
      .filter((found) => found !== undefined)
      .at(-1);
  }
  return number === undefined
    ? undefined
    : { name: 'lookup_order', arguments: { order_number: Number(number) } };
}

function chooseCalculation(question: string): ChosenTool | undefined {
  if (!ARITHMETIC.test(question)) return undefined;
  const plain = question
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
    .replace(/%\s*of\b/gi, '% *')
    .replace(/(\d),(\d{3})\b/g, '$1$2');
  const found = EXPRESSION.exec(plain)?.[0].replace(/[^\d)%]+$/, '');
  return found === undefined ? undefined : { name: 'calculator', arguments: { expression: found.trim() } };
}

function chooseClock(question: string): ChosenTool | undefined {
  const place = TIME_IN.exec(question)?.[1]?.trim();
  if (place !== undefined) return { name: 'clock', arguments: { time_zone: place } };
  return TIME.test(question) ? { name: 'clock', arguments: {} } : undefined;
}
