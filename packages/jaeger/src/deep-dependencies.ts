import { spanKinds, type TraceColumns, type TraceId } from '@spanwise/model';

/** A trace, and above which row each of its rows hangs: -1 on the top, no cycles. */
export interface LinkedTrace {
  readonly columns: TraceColumns;
  readonly parent: Int32Array;
}

/** Answer of `GET /api/deep-dependencies` and `/analytics/v1/dependencies`. */
export interface JaegerDeepDependencies {
  readonly dependencies: readonly JaegerCallPath[];
}

/** From who began a trace to who was called last. */
export interface JaegerCallPath {
  readonly path: readonly { readonly service: string; readonly operation: string }[];
  readonly attributes: readonly { readonly key: 'exemplar_trace_id'; readonly value: TraceId }[];
}

/** Whose paths are wanted. */
export interface PathFocus {
  readonly service: string;
  readonly operation?: string;
}

/** Of one path. */
const maxExemplars = 10;

interface Place {
  readonly service: string;
  readonly operation: string;
  readonly above: Place | undefined;
  readonly below: Map<string, Place>;
  /** Something on the way from the top to here is the focus. */
  readonly isFocal: boolean;
  readonly exemplars: Set<TraceId>;
}

/**
 * The paths of calls that lead through the focus, each once, with traces to look at. As jaeger-ui draws them from a
 * search: a span counts as a step when its service is another than its caller's, or when it serves a request or takes
 * a message. (jaeger-ui, model/ddg/transformTracesToPaths.ts, commit c321fb32.) At most `maxPaths`, the first found.
 * Cost: O(spans).
 */
export function toJaegerDeepDependencies(
  traces: Iterable<LinkedTrace>,
  focus: PathFocus,
  maxPaths: number,
): JaegerDeepDependencies {
  const top: Place = placeBelow(undefined, '', '', focus);
  const ends = new Set<Place>();
  for (const { columns, parent } of traces) {
    const places = placesOf(columns, parent, top, focus);
    const hasChild = new Uint8Array(columns.spanCount);
    for (const above of parent) if (above !== -1) hasChild[above] = 1;
    places.forEach((place, row) => {
      if (hasChild[row] === 1 || !place.isFocal || (ends.size >= maxPaths && !ends.has(place))) return;
      ends.add(place);
      if (place.exemplars.size < maxExemplars) place.exemplars.add(columns.traceId);
    });
  }
  return {
    dependencies: Array.from(ends, (end) => ({
      path: stepsTo(end),
      attributes: Array.from(end.exemplars, (value) => ({ key: 'exemplar_trace_id', value })),
    })),
  };
}

/** Of each row: where its path leads to. Parents may stand behind their children, and deeper than a stack holds. */
function placesOf(columns: TraceColumns, parent: Int32Array, top: Place, focus: PathFocus): readonly Place[] {
  const places: (Place | undefined)[] = new Array(columns.spanCount);
  const way: number[] = [];
  for (let start = 0; start < columns.spanCount; start++) {
    let row = start;
    while (row !== -1 && places[row] === undefined) {
      way.push(row);
      row = parent[row]!;
    }
    for (let next = way.pop(); next !== undefined; next = way.pop()) {
      const above = parent[next] === -1 ? top : places[parent[next]!]!;
      const service = columns.services[columns.serviceIndex[next]!]!;
      const isStep =
        above.service !== service ||
        above === top ||
        columns.kind[next] === spanKinds.server ||
        columns.kind[next] === spanKinds.consumer;
      const name = columns.names[columns.nameIndex[next]!]!;
      places[next] = isStep ? placeBelow(above, service, name, focus) : above;
    }
  }
  return places as readonly Place[];
}

function placeBelow(above: Place | undefined, service: string, operation: string, focus: PathFocus): Place {
  const key = `${service}\0${operation}`;
  const known = above?.below.get(key);
  if (known !== undefined) return known;
  const isHere =
    above !== undefined &&
    service === focus.service &&
    (focus.operation === undefined || operation === focus.operation);
  const place: Place = {
    service,
    operation,
    above,
    below: new Map(),
    isFocal: isHere || (above?.isFocal ?? false),
    exemplars: new Set(),
  };
  above?.below.set(key, place);
  return place;
}

function stepsTo(end: Place): JaegerCallPath['path'] {
  const steps: { service: string; operation: string }[] = [];
  for (let place = end; place.above !== undefined; place = place.above) {
    steps.push({ service: place.service, operation: place.operation });
  }
  return steps.reverse();
}
