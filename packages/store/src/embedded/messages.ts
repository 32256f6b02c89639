/** What parent and engine process say to each other, over Node's IPC with structured clones. */
export type ToEngine =
  | { readonly kind: 'query'; readonly id: number; readonly sql: string; readonly timeoutMillis: number }
  | { readonly kind: 'execute'; readonly id: number; readonly sql: string }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'close' };

export type FromEngine =
  | { readonly kind: 'ready'; readonly version: string }
  /** `unavailable`: chDB has no build for this machine. `open`: the folder could not be opened. */
  | { readonly kind: 'failed'; readonly reason: 'unavailable' | 'open'; readonly message: string }
  | { readonly kind: 'pong' }
  | { readonly kind: 'result'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly message: string;
      readonly code: number | undefined;
    };

/** Environment of the engine process, JSON. */
export interface EngineSettings {
  readonly path: string;
  readonly readers: number;
  readonly queryMemoryBytes: number;
  readonly resultRows: number;
  readonly resultBytes: number;
  /** Of all queries, inserts, merges and caches together. */
  readonly memoryBytes: number;
}

export const settingsVariable = 'SPANWISE_ENGINE';
