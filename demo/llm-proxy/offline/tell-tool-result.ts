type Fields = Readonly<Record<string, unknown>>;

const ABOUT_ARRIVAL = /\b(?:when|arriv\w*|deliver\w*|how long)\b/i;

/** A tool's result as a sentence. Tools that are not known are told field by field. */
export function tellToolResult(tool: string, content: string, question: string): string {
  const result = parseObject(content);
  if (result === undefined) return `The tool ${tool} gave no result.`;
  if (typeof result.error === 'string') return tellError(result.error);
  if (tool === 'lookup_order') return tellOrder(result, ABOUT_ARRIVAL.test(question));
  if (tool === 'calculator') return `${result.expression} = ${result.result}`;
  if (tool === 'clock') return `In ${result.time_zone} it is ${result.time} on ${result.date}.`;
  return Object.entries(result)
    .map(([key, value]) => `${key.replaceAll('_', ' ')}: ${String(value)}`)
    .join(', ');
}

function tellOrder(order: Fields, wantsArrival: boolean): string {
  const name = `Order ${order.order_number} (${order.item})`;
  const expected = order.expected_on;
  const carrier = order.carrier;
  switch (order.status) {
    case 'delivered':
      return `${name} was delivered on ${order.delivered_on}.`;
    case 'cancelled':
      return `${name} was cancelled and will not be sent.`;
    case 'shipped':
      return wantsArrival
        ? `${name} should arrive on ${expected}. ${carrier} has it since ${order.shipped_on}.`
        : `${name} has been shipped: it left our warehouse on ${order.shipped_on} with ${carrier}. You will find the tracking link in your mail.`;
    default:
      return `${name} is ${order.status} and has not left our warehouse yet.${expected ? ` It should arrive on ${expected}.` : ''}`;
  }
}

function tellError(code: string): string {
  const known: Readonly<Record<string, string>> = {
    order_not_found: 'There is no order with that number. Please check the number in your confirmation mail.',
    unknown_time_zone: 'I do not know that time zone. A large city or a name like Europe/Berlin works.',
    invalid_expression: 'I could not calculate that. Please write it with numbers and + - * / ( ).',
  };
  return known[code] ?? `I could not find that out just now (${code}). Please try again in a minute.`;
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
