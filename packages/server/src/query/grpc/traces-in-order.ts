import type { Trace, TraceId } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import { ask, type Interruptible } from '../ask.ts';

export type TraceSource = Pick<TraceReader, 'trace'> & Interruptible<Pick<TraceReader, 'trace'>>;

/** The next one is read while a client takes this one; no more, because each may be large. */
const readAhead = 1;

/** Reads whole traces one after the other. Ids without spans are passed over. */
export async function* tracesInOrder(
  reader: TraceSource,
  tenant: number,
  ids: readonly TraceId[],
): AsyncGenerator<Trace> {
  const started: Promise<Trace | undefined>[] = [];
  for (let at = 0; at < ids.length; at += 1) {
    for (let next = at + started.length; next <= at + readAhead && next < ids.length; next += 1) {
      const reading = ask(reader, (asked) => asked.trace(tenant, ids[next]!));
      // A failure counts when its turn has come; until then nobody waits for it.
      reading.catch(() => {});
      started.push(reading);
    }
    const trace = await started.shift();
    if (trace !== undefined) yield trace;
  }
}
