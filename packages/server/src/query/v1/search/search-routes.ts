import type {
  SearchGroupsResponse,
  SearchHeatmapResponse,
  SearchHistogramResponse,
  SearchSpansResponse,
  SearchTracesResponse,
  SearchValuesResponse,
} from '@spanwise/api';
import { type Field, formatField } from '@spanwise/filter';
import { bucketsPerOctave } from '@spanwise/model';
import type { HeatCell, Search, TraceReader } from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import { limits } from '../../../limits.ts';
import { ask } from '../../ask.ts';
import type { QueryContext } from '../../query-context.ts';
import { queryOf } from '../../query-string.ts';
import { parseParameters } from '../parameters.ts';
import { FrozenLists } from './frozen-lists.ts';
import { listSpans, listTraces } from './list-pages.ts';
import { pagesOf, searchFor, withinBudget } from './prepare-search.ts';
import {
  fieldsOf,
  filterOf,
  groupsParameters,
  histogramParameters,
  type SearchedParameters,
  searchSpansParameters,
  searchTracesParameters,
  valuesParameters,
} from './search-parameters.ts';

/** `/api/v1/search`: answers to a filter. */
export function searchRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  const frozen = new FrozenLists(limits.searchFrozenLists.value, limits.searchFrozenMillis.value, clock);

  app.get('/api/v1/search/spans', async (request): Promise<SearchSpansResponse> => {
    const asked = parseParameters(searchSpansParameters, queryOf(request));
    return ask(reader, (within) => listSpans(within, tenant, asked, clock()));
  });

  app.get('/api/v1/search/traces', async (request): Promise<SearchTracesResponse> => {
    const asked = parseParameters(searchTracesParameters, queryOf(request));
    return ask(reader, (within) => listTraces(within, tenant, asked, clock(), frozen));
  });

  /** Over everything in the window, or not at all. `otherwise`: while nothing is stored. */
  const sumUp = async <Answer>(
    asked: SearchedParameters,
    otherwise: Answer,
    sum: (reader: TraceReader, search: Search) => Promise<Answer>,
  ): Promise<Answer> => {
    const { filter } = filterOf(asked.filter);
    return ask(reader, async (within) => {
      const pages = await pagesOf(within, tenant, asked, clock());
      if (pages === undefined || pages.from > pages.to) return otherwise;
      const search = await searchFor(within, tenant, filter, pages);
      return withinBudget(sum(within, search));
    });
  };

  const heat = (asked: SearchedParameters & { readonly bins: number }) =>
    sumUp<Heat>(asked, { startNanos: 0n, stepNanos: 1n, cells: [] }, async (within, search) => {
      const span = search.to - search.from + 1n;
      const stepNanos = (span + BigInt(asked.bins) - 1n) / BigInt(asked.bins);
      const cells = await within.spanHeat(tenant, search, stepNanos);
      return { startNanos: search.from, stepNanos, cells };
    });

  app.get('/api/v1/search/histogram', async (request): Promise<SearchHistogramResponse> => {
    const asked = parseParameters(histogramParameters, queryOf(request));
    const { startNanos, stepNanos, cells } = await heat(asked);
    const counts = new Array<number>(asked.bins).fill(0);
    const errors = new Array<number>(asked.bins).fill(0);
    for (const cell of cells) {
      counts[cell.step]! += cell.count;
      errors[cell.step]! += cell.errors;
    }
    return { startUnixNano: String(startNanos), stepNanos: Number(stepNanos), counts, errors };
  });

  app.get('/api/v1/search/heatmap', async (request): Promise<SearchHeatmapResponse> => {
    const asked = parseParameters(histogramParameters, queryOf(request));
    const { startNanos, stepNanos, cells } = await heat(asked);
    return {
      startUnixNano: String(startNanos),
      stepNanos: Number(stepNanos),
      bins: asked.bins,
      bin: cells.map(({ step }) => step),
      bucket: cells.map(({ bucket }) => bucket),
      count: cells.map(({ count }) => count),
      errors: cells.map(({ errors }) => errors),
      bucketsPerOctave,
    };
  });

  app.get('/api/v1/search/groups', async (request): Promise<SearchGroupsResponse> => {
    const asked = parseParameters(groupsParameters, queryOf(request));
    const by: readonly Field[] = fieldsOf('by', asked.by, 0, 3);
    // One more tells whether there are more.
    const groups = await sumUp(asked, [], (within, search) =>
      within.groupSpans(tenant, search, by, asked.limit + 1),
    );
    return {
      by: by.map(formatField),
      groups: groups.slice(0, asked.limit).map(({ keys, errors, ...group }) => ({
        ...group,
        keys: keys.map((key) => key ?? null),
        errorCount: errors,
        errorRate: errors / group.count,
      })),
      truncated: groups.length > asked.limit,
    };
  });

  app.get('/api/v1/search/values', async (request): Promise<SearchValuesResponse> => {
    const asked = parseParameters(valuesParameters, queryOf(request));
    const [field] = fieldsOf('field', asked.field, 1, 1);
    const values = await sumUp(
      asked,
      [],
      (within, search) => within.topValues(tenant, search, field!, asked.limit + 1), // `fieldsOf` gives one
    );
    return {
      field: formatField(field!),
      values: values.slice(0, asked.limit),
      truncated: values.length > asked.limit,
    };
  });
}

interface Heat {
  readonly startNanos: bigint;
  readonly stepNanos: bigint;
  readonly cells: readonly HeatCell[];
}
