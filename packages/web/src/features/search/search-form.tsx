import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { operationsQuery, servicesQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { type Conditions, formatConditions, parseConditions } from '../../filter/conditions.ts';
import { type FormSlot, readForm, writeForm } from '../../filter/form-conditions.ts';
import {
  defaultLookback,
  type SearchState,
  searchedQueryOf,
  withFilter,
  withLookback,
} from '../../state/search-url.ts';
import { lookbackMillis, lookbacksWith } from '../../ui/lookbacks.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { Suggest } from '../../ui/suggest.tsx';
import { FilterField } from './filter-field.tsx';
import { WindowFields } from './window-fields.tsx';

const customRange = 'custom';

export interface SearchFormProps {
  readonly state: SearchState;
  /** The draft. */
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onSearch: (state: SearchState) => void;
}

/**
 * One draft of the filter, in two views: the text, and controls for what most ask. What is written counts on Enter or
 * Find; the window counts at once.
 */
export function SearchForm({ state, text, onText, onSearch }: SearchFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(withFilter(state, text));
  };
  return (
    <form className="search-form" onSubmit={submit} aria-label="Search traces">
      <div className="search-row">
        <FilterField
          text={text}
          onChange={onText}
          window={searchedQueryOf(withFilter(state, '')).toString()}
        />
        <div className="field">
          <label htmlFor="search-lookback">Look-back</label>
          <select
            id="search-lookback"
            className="select"
            value={state.start === undefined ? (state.lookback ?? defaultLookback) : customRange}
            onChange={(event) => {
              const next = withFilter(state, text);
              const chosen = event.target.value;
              onSearch(chosen === customRange ? withFixedWindow(next) : withLookback(next, chosen));
            }}
          >
            {lookbacksWith(state.lookback).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
            <option value={customRange}>From … to …</option>
          </select>
        </div>
        {state.start !== undefined && state.end !== undefined && (
          <WindowFields
            start={state.start}
            end={state.end}
            onChange={(start, end) => onSearch({ ...withFilter(state, text), start, end })}
          />
        )}
        <button type="submit" className="button primary">
          Find traces
        </button>
      </div>
      <FilterControls text={text} onChange={onText} />
    </form>
  );
}

/** The time that the look-back means now. */
function withFixedWindow(state: SearchState): SearchState {
  const { lookback, ...rest } = state;
  if (rest.start !== undefined) return rest;
  const end = Date.now();
  return { ...rest, start: end - lookbackMillis(lookback ?? defaultLookback), end };
}

interface FilterControlsProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Writes into the text, and shows what stands there. Half a filter can't be written into: then they rest. */
function FilterControls({ text, onChange }: FilterControlsProps) {
  const conditions = useMemo(() => parseConditions(text), [text]);
  const [last, setLast] = useState<Conditions>([]);
  if (conditions !== undefined && conditions !== last) setLast(conditions);
  const values = readForm(conditions ?? last);
  const slotOf = useServiceSlots();
  const catalogue = useQuery(servicesQuery).data?.services;
  const services = useMemo(() => (catalogue ?? []).toSorted(), [catalogue]);
  const operationsReply = useQuery(
    operationsQuery(services.includes(values.service) ? values.service : ''),
  ).data;
  const operations = useMemo(
    () => Array.from(new Set(operationsReply?.operations.map((operation) => operation.name))).sort(),
    [operationsReply],
  );
  /** False where the value is none (yet). */
  const write = (slot: FormSlot, value: string): boolean => {
    const next = conditions && writeForm(conditions, slot, value);
    if (next !== undefined) onChange(formatConditions(next));
    return next !== undefined;
  };
  const control = (slot: FormSlot) => ({
    value: values[slot],
    onWrite: (value: string) => write(slot, value),
  });
  return (
    <fieldset className="search-row controls" disabled={conditions === undefined}>
      <legend className="visually-hidden">Parts of the filter</legend>
      <Suggest
        label="Service"
        placeholder="All services"
        value={values.service}
        items={services}
        isDisabled={conditions === undefined}
        onChange={(value) => write('service', value)}
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
        value={values.operation}
        items={operations}
        isDisabled={conditions === undefined}
        onChange={(value) => write('operation', value)}
      />
      <WrittenField
        label="Attributes"
        placeholder={'http.response.status_code=500 error.type="timeout"'}
        expected="key=value, several with blanks between"
        {...control('tags')}
      />
      <WrittenField
        label="Min duration"
        placeholder="100ms"
        expected="a duration such as 100ms"
        {...control('minDuration')}
      />
      <WrittenField
        label="Max duration"
        placeholder="1.2s"
        expected="a duration such as 1.2s"
        {...control('maxDuration')}
      />
      <div className="field">
        <label htmlFor="search-status">Status</label>
        <select
          id="search-status"
          className="select"
          value={values.status}
          onChange={(event) => write('status', event.target.value)}
        >
          <option value="">Any</option>
          <option value="error">error</option>
          <option value="ok">ok</option>
          <option value="unset">unset</option>
        </select>
      </div>
    </fieldset>
  );
}

interface WrittenFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly expected: string;
  /** As the filter says it. */
  readonly value: string;
  readonly onWrite: (value: string) => boolean;
}

/** Keeps what is typed as it is typed; the filter has it as soon as it is whole. */
function WrittenField({ label, placeholder, expected, value, onWrite }: WrittenFieldProps) {
  const id = `search-${label.toLowerCase().replaceAll(' ', '-')}`;
  const [typed, setTyped] = useState<{ readonly text: string; readonly isWhole: boolean } | undefined>();
  const shown = typed?.text ?? value;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        placeholder={placeholder}
        spellCheck={false}
        value={shown}
        aria-invalid={typed?.isWhole === false}
        title={typed?.isWhole === false ? `Expected ${expected}` : undefined}
        onChange={(event) => setTyped({ text: event.target.value, isWhole: onWrite(event.target.value) })}
        onBlur={() => {
          if (typed?.isWhole === true) setTyped(undefined);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Half a value is not in the filter: searching now would look as if it were.
          if (typed?.isWhole === false) event.preventDefault();
          else setTyped(undefined);
        }}
      />
    </div>
  );
}
