/** What the user wants. All but the first two need a tool. */
export type Intent = 'question' | 'small_talk' | 'order_status' | 'calculation' | 'time';

const ORDER_NUMBER = /\border\s*(?:number|no\.?|#)?\s*#?\d{3,8}\b/i;
const ABOUT_MY_ORDER =
  /\b(?:my|the|that|this) (?:order|parcel|package|delivery)\b|\b(?:it|they|that) (?:arrive|come|be delivered|ship)|\b(?:status|track\w*)\b/i;
const CALCULATION = /\bsqrt\(|\d\s*%\s*of\s*\d|[\d)]\s*[-+*/^×÷]\s*[(\d]/i;
const TIME = /\bwhat(?:'s| is)? (?:the )?(?:current )?(?:time|date|day)\b|\btime is it\b/i;
const SMALL_TALK = /^\s*(?:hi|hello|hey|thanks|thank you|good (?:morning|evening|day))\b[^?]{0,30}$/i;

/**
 * The intent of a message, by rules. "When will it arrive?" is about an order only if the user named one
 * before; otherwise it is a question for the handbook.
 */
export function classifyIntent(message: string, earlierFromUser: readonly string[]): Intent {
  if (SMALL_TALK.test(message)) return 'small_talk';
  if (ORDER_NUMBER.test(message)) return 'order_status';
  if (ABOUT_MY_ORDER.test(message) && earlierFromUser.some((text) => ORDER_NUMBER.test(text))) {
    return 'order_status';
  }
  if (CALCULATION.test(message)) return 'calculation';
  if (TIME.test(message)) return 'time';
  return 'question';
}

export function needsTool(intent: Intent): boolean {
  return intent !== 'question' && intent !== 'small_talk';
}
