import type { InstrumentationScope, Resource } from '@spanwise/model';

export interface ResourceGroup<T> {
  readonly resource: Resource;
  readonly scopes: readonly { readonly scope: InstrumentationScope; readonly items: readonly T[] }[];
}

/** Items by resource, then scope, in order of first appearance; resources and scopes are told apart by identity. */
export function groupByProducer<
  T extends { readonly resource: Resource; readonly scope: InstrumentationScope },
>(items: readonly T[]): readonly ResourceGroup<T>[] {
  const resources = new Map<Resource, Map<InstrumentationScope, T[]>>();
  for (const item of items) {
    let scopes = resources.get(item.resource);
    if (scopes === undefined) {
      scopes = new Map();
      resources.set(item.resource, scopes);
    }
    const inScope = scopes.get(item.scope);
    if (inScope === undefined) scopes.set(item.scope, [item]);
    else inScope.push(item);
  }
  return Array.from(resources, ([resource, scopes]) => ({
    resource,
    scopes: Array.from(scopes, ([scope, inScope]) => ({ scope, items: inScope })),
  }));
}
