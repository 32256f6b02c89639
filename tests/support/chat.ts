/** What the demo's gateway answers to `POST /chat`. */
export interface ChatReply {
  readonly status: number;
  readonly answer: string;
  readonly traceId: string;
}

export interface ChatOptions {
  readonly sessionId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one message, as a program would. */
export async function chat(
  gateway: string,
  message: string,
  { sessionId = crypto.randomUUID(), headers = {} }: ChatOptions = {},
): Promise<ChatReply> {
  const response = await fetch(`${gateway}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message, sessionId }),
  });
  const body = (await response.json()) as { answer?: string; traceId?: string };
  return { status: response.status, answer: body.answer ?? '', traceId: body.traceId ?? '' };
}
