import { type JaegerDependenciesQuery, type JaegerDependency, toJaegerDependencies } from '@spanwise/jaeger';
import { ask } from './ask.ts';
import type { QueryContext } from './query-context.ts';

/** Who called whom, in any of Jaeger's APIs: out of traces that are settled, so that no span is read. */
export async function readJaegerDependencies(
  { reader, tenant }: Pick<QueryContext, 'reader' | 'tenant'>,
  { startMillis, endMillis, service }: JaegerDependenciesQuery,
): Promise<readonly JaegerDependency[]> {
  const calls = await ask(reader, (asked) => asked.serviceCalls(tenant, { startMillis, endMillis }));
  return toJaegerDependencies(calls, service);
}
