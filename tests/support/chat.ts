/** What the demo's gateway answers to `POST /chat`. */
export interface ChatReply {
  readonly status: number;
  readonly answer: string;
  readonly traceId: string;
  /** Names of the tools that the agent used. */
  readonly tools: readonly string[];
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
  const body = (await response.json()) as Partial<ChatReply>;
  const { answer = '', traceId = '', tools = [] } = body;
  return { status: response.status, answer, traceId, tools };
}
