import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { operationsQuery, servicesQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { defaultLimit, defaultLookback, type SearchState } from '../../state/search-url.ts';
import { lookbacks, lookbacksWith } from '../../ui/lookbacks.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { Suggest } from '../../ui/suggest.tsx';

const limits = [20, 50, 100, 200, 500, 1_500];
const customRange = 'custom';

export interface SearchFormProps {
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
  /** The parameter that the server did not understand. */
  readonly wrongParameter: string | undefined;
}

/** A draft of the search: what is typed counts on Enter or Find, what is chosen counts at once. */
export function SearchForm({ state, onSearch, wrongParameter }: SearchFormProps) {
  const [draft, setDraft] = useState(state);
  useEffect(() => setDraft(state), [state]);
  const slotOf = useServiceSlots();
  const catalogue = useQuery(servicesQuery).data?.services;
  const services = useMemo(() => (catalogue ?? []).toSorted(), [catalogue]);
  const service = draft.service ?? '';
  const operationsReply = useQuery(operationsQuery(services.includes(service) ? service : '')).data;
  const operations = useMemo(
    () => Array.from(new Set(operationsReply?.operations.map((operation) => operation.name))).sort(),
    [operationsReply],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  const text = (key: 'tags' | 'minDuration' | 'maxDuration') => ({
    className: 'input',
    value: draft[key] ?? '',
    spellCheck: false,
    'aria-invalid': wrongParameter === key,
    onChange: (event: { readonly target: HTMLInputElement }) =>
      setDraft({ ...draft, [key]: event.target.value }),
  });
  return (
    <form className="search-form" onSubmit={submit} aria-label="Search traces">
      <Suggest
        label="Service"
        placeholder="All services"
        value={service}
        items={services}
        onChange={(value) => {
          const { operation: _, ...rest } = draft;
          setDraft({ ...rest, service: value });
        }}
        renderItem={(name) => (
          <>
            <ServiceDot slot={slotOf(name)} />
            {name}
          </>
        )}
      />
      <Suggest
        label="Operation"
        placeholder="All operations"
        value={draft.operation ?? ''}
        items={operations}
        onChange={(operation) => setDraft({ ...draft, operation })}
      />
      <div className="field">
        <label htmlFor="search-tags">Tags</label>
        <input
          id="search-tags"
          placeholder={'http.response.status_code=500 error.type="timeout"'}
          {...text('tags')}
        />
      </div>
      <div className="field">
        <label htmlFor="search-min">Min duration</label>
        <input id="search-min" placeholder="100ms" {...text('minDuration')} />
      </div>
      <div className="field">
        <label htmlFor="search-max">Max duration</label>
        <input id="search-max" placeholder="1.2s" {...text('maxDuration')} />
      </div>
      <div className="field">
        <label htmlFor="search-lookback">Look-back</label>
        <select
          id="search-lookback"
          className="select"
          value={draft.start === undefined ? (draft.lookback ?? defaultLookback) : customRange}
          onChange={(event) => {
            const { start: _, end: __, ...rest } = draft;
            onSearch({ ...rest, lookback: event.target.value });
          }}
        >
          {draft.start !== undefined && <option value={customRange}>Selected range</option>}
          {lookbacksWith(draft.lookback).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor="search-limit">Limit</label>
        <select
          id="search-limit"
          className="select"
          value={draft.limit ?? defaultLimit}
          onChange={(event) => onSearch({ ...draft, limit: Number(event.target.value) })}
        >
          {Array.from(new Set([...limits, draft.limit ?? defaultLimit]))
            .sort((a, b) => a - b)
            .map((limit) => (
              <option key={limit} value={limit}>
                {limit}
              </option>
            ))}
        </select>
      </div>
      <button type="submit" className="button primary">
        Find traces
      </button>
    </form>
  );
}

/** The next longer look-back, for "widen". Absence: undefined when there is none. */
export function widerLookback(lookback: string): string | undefined {
  const at = lookbacks.findIndex(([value]) => value === lookback);
  return at === -1 ? lookbacks.at(-1)![0] : lookbacks[at + 1]?.[0];
}
