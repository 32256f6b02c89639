/** The services page's state as it stands in its URL. */
export interface ServicesState {
  readonly lookback?: string;
  /** Whose operations are shown. */
  readonly service?: string;
  readonly sort?: ServiceOrder;
}

export const serviceOrders = ['name', 'rate', 'errors', 'p50', 'p95', 'p99'] as const;
export type ServiceOrder = (typeof serviceOrders)[number];

/** Total: what makes no sense is left out. */
export function parseServicesState(query: Readonly<Record<string, unknown>>): ServicesState {
  const { lookback, service } = query;
  const sort = serviceOrders.find((order) => order === query.sort);
  return {
    ...(typeof lookback === 'string' && /^\d+[smhdw]$/.test(lookback) ? { lookback } : {}),
    ...(typeof service === 'string' && service !== '' ? { service } : {}),
    ...(sort === undefined ? {} : { sort }),
  };
}
