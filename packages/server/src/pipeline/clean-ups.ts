import type { InstrumentationFlaw } from '@spanwise/store/rows';

/** What ingest corrects: the counter that goes up, and what the row's warning says. */
export const cleanUps = {
  service_name_missing: 'the resource named no service: stored as unknown_service',
  span_name_missing: 'the span had no name: stored as unnamed_span',
  end_before_start: 'the end was not after the start: duration set to 1 ns',
  parent_id_invalid: 'the parent span id was no id: stored as a root',
  link_id_invalid: 'a link without valid ids was left out',
  log_ids_invalid: 'trace or span id of the record was no id: left out',
  log_time_missing: 'the record had no time: stored with the time of its arrival',
  utf8_repaired: 'text that was not UTF-8 was repaired',
  attributes_over_limit: 'attributes beyond a limit were left out',
  events_over_limit: 'events beyond the limit were left out',
  links_over_limit: 'links beyond the limit were left out',
  nesting_over_limit: 'a value nested too deep became empty',
} as const;

export type CleanUp = keyof typeof cleanUps;

/** What a service did for it to be needed. */
export function flawOf(kind: CleanUp): readonly [what: InstrumentationFlaw, detail: string] {
  switch (kind) {
    case 'service_name_missing':
      return ['resource_missing', 'service.name'];
    case 'attributes_over_limit':
    case 'events_over_limit':
    case 'links_over_limit':
    case 'nesting_over_limit':
      return ['over_limit', kind.slice(0, kind.indexOf('_'))];
    default:
      return ['corrected', kind];
  }
}

export const unknownService = 'unknown_service';
export const unnamedSpan = 'unnamed_span';
