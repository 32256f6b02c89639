/** What became of one attempt. Reasons name addresses and codes, never telemetry. */
export type SendOutcome =
  | { readonly status: 'accepted'; readonly answer: Uint8Array }
  | {
      readonly status: 'retryable';
      readonly reason: string;
      /** How long the backend asks to be left alone. */
      readonly retryAfterMillis?: number | undefined;
    }
  | { readonly status: 'refused'; readonly reason: string };

/** Brings encoded OTLP requests to the backend. */
export interface OtlpTransport {
  /** One attempt. Never rejects. */
  send(request: Uint8Array): Promise<SendOutcome>;
  /** Gives up what is under way, so that nothing holds the process, and frees connections. */
  close(): void;
}
