import type { Signal } from '@spanwise/store/rows';
import type { ContentMode, DecodeRequest, DecodeResult } from './decode-result.ts';

export interface DecodePoolSettings {
  /** Worker threads, at least 1. */
  readonly workers: number;
  readonly contentMode: ContentMode;
  /** For mode `hash`; without it, `hash` acts as `none`. */
  readonly contentKey?: Uint8Array;
  /** How far back a start may lie: what retention would drop at once is rejected. */
  readonly retentionMillis: Readonly<Record<Signal, number>>;
}

/** Decodes requests on worker threads: never on the event loop that serves connections. */
export interface DecodePool {
  /** Never rejects: what goes wrong is a result. */
  decode(request: DecodeRequest): Promise<DecodeResult>;
  status(): DecodePoolStatus;
  /** Answers what waits with `unavailable`, ends the workers. Idempotent. */
  close(): Promise<void>;
}

export interface DecodePoolStatus {
  readonly workers: number;
  readonly queued: number;
  readonly running: number;
  readonly crashes: number;
}

export function createDecodePool(settings: DecodePoolSettings): DecodePool {
  throw new Error(`not there yet: ${settings.workers} workers`);
}
