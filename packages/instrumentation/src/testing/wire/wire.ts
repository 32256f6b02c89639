/** Stands in every text that goes over the wire here, so that it can be looked for where it must not be. */
export const CANARY = 'canary-7f3a';

/** Pieces of text in a streamed answer. */
export const CHUNK_COUNT = 8;

/** What one request asks for; the model's name says how the server shall behave. */
export interface WireRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly encoding_format?: string;
  readonly stream_options?: { readonly include_usage?: boolean };
}

export interface WireEvents {
  readonly events: readonly object[];
  /** What stands behind the last one. */
  readonly end: string;
  /** Place of the event that an answer without an end repeats. */
  readonly filler: number;
}

/** How one provider's API looks on the wire. Absent for paths that it does not have. */
export interface Wire {
  json(url: string, request: WireRequest): object | Buffer | undefined;
  events(url: string, request: WireRequest): WireEvents | undefined;
  error(status: number): object;
}
