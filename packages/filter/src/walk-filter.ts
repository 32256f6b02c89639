import type { Filter, Percentile } from './filter.ts';

/** Every part of a filter, itself first. */
export function partsOf(filter: Filter): readonly Filter[] {
  switch (filter.type) {
    case 'all':
    case 'any':
      return [filter, ...filter.parts.flatMap(partsOf)];
    case 'not':
      return [filter, ...partsOf(filter.part)];
    case 'structure':
      return [filter, ...partsOf(filter.left), ...partsOf(filter.right)];
    default:
      return [filter];
  }
}

/** What has to be looked up before the filter can be answered. */
export function percentilesOf(filter: Filter): readonly Percentile[] {
  return partsOf(filter).flatMap((part) => (part.type === 'history' ? [part.percentile] : []));
}
