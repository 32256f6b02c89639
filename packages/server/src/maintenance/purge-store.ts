import { isTraceId, traceId } from '@spanwise/model';
import type { PurgeStep, PurgeTarget, Store } from '@spanwise/store';
import type { Spool } from '../spool/spool.ts';

export interface PurgeRequest {
  readonly target: PurgeTarget;
  /** True: only counts. */
  readonly isDryRun: boolean;
}

/** Where rows that no table took are kept. */
const quarantine = 'spool/quarantine';

/**
 * Takes a trace or an attribute out of everything: what waits in the spool is stored first, then all tables, then
 * the quarantine, of which a segment that holds something of it goes whole.
 * Errors: `EngineError`; it can be called again.
 */
export async function purgeStore(
  store: Store,
  spool: Spool,
  { target, isDryRun }: PurgeRequest,
  onStep: (step: PurgeStep) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (!isDryRun) await spool.flush();
  await spool.whileResting(() =>
    store.purge(target, { isDryRun, onStep, ...(signal === undefined ? {} : { signal }) }),
  );
  const bytes = target.kind === 'trace' ? Buffer.from(target.traceId, 'hex') : Buffer.from(target.key);
  const segments = await spool.purgeQuarantine(bytes, isDryRun);
  if (segments > 0) onStep({ table: quarantine, rows: segments });
}

/** A request as it came from a command. @throws Error for what is none. */
export function parsePurgeRequest(body: unknown): PurgeRequest {
  const { target, isDryRun } = body as { readonly target?: unknown; readonly isDryRun?: unknown };
  const parsed = parsePurgeTarget(target);
  if (parsed === undefined) throw new Error('not a request to purge');
  return { target: parsed, isDryRun: isDryRun === true };
}

/** Absence: undefined for what is no target. */
export function parsePurgeTarget(target: unknown): PurgeTarget | undefined {
  const { kind, traceId: id, key } = (target ?? {}) as Partial<Record<'kind' | 'traceId' | 'key', unknown>>;
  if (kind === 'trace' && typeof id === 'string' && isTraceId(id)) return { kind, traceId: traceId(id) };
  if (kind === 'attribute' && typeof key === 'string' && key !== '') return { kind, key };
  return undefined;
}
