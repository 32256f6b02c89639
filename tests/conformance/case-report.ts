/** What one case came to, in one process. */
export interface CaseReport {
  /** What the application got, as text. */
  readonly outcome: string;
  /** All ended spans but the caller's. */
  readonly spans: readonly ReportedSpan[];
}

export interface ReportedSpan {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly eventAttributes: readonly Readonly<Record<string, unknown>>[];
  readonly isError: boolean;
  readonly statusMessage: string;
  readonly isBelowCaller: boolean;
  /** It was the active span where the request was sent. */
  readonly isToldToServer: boolean;
}
