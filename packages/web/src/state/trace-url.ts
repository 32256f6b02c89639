import { isSpanId } from '@spanwise/model';

/** The trace page's state as it stands in its URL. */
export interface TraceState {
  /** Open in the side panel. */
  readonly span?: string;
  readonly tab?: PanelTab;
  readonly view?: 'logs';
  /** What the find box holds. */
  readonly find?: string;
  /** The visible range, ns after the trace's start; both or none. */
  readonly from?: number;
  readonly to?: number;
}

export const panelTabs = ['attributes', 'events', 'links', 'logs', 'raw'] as const;
export type PanelTab = (typeof panelTabs)[number];

/** Total: what makes no sense is left out. */
export function parseTraceState(query: Readonly<Record<string, unknown>>): TraceState {
  const tab = panelTabs.find((name) => name === query.tab);
  const [from, to] = [Number(query.from), Number(query.to)];
  const isRange = query.from !== undefined && query.to !== undefined && from >= 0 && to > from;
  return {
    ...(typeof query.span === 'string' && isSpanId(query.span) ? { span: query.span } : {}),
    ...(tab === undefined || tab === 'attributes' ? {} : { tab }),
    ...(query.view === 'logs' ? { view: 'logs' as const } : {}),
    ...(typeof query.find === 'string' && query.find !== '' ? { find: query.find } : {}),
    ...(isRange ? { from: Math.round(from), to: Math.round(to) } : {}),
  };
}
