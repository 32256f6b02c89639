import { type Field, formatField } from '@spanwise/filter';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useMemo, useState } from 'react';
import { attributesQuery, searchValuesQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { type Conditions, fieldOf, formatConditions, parseConditions } from '../../filter/conditions.ts';
import { readFacet, toggleExcluded, toggleIncluded, withoutFacet } from '../../filter/facet-conditions.ts';
import { setPreferences, usePreferences } from '../../state/preferences.ts';
import { type SearchState, searchedQueryOf, withFilter } from '../../state/search-url.ts';
import { describeError } from '../../ui/error-state.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { Suggest } from '../../ui/suggest.tsx';

/** Fields that most ask about; keys of attributes join them when somebody adds them. */
const facetNames = {
  service: 'Service',
  name: 'Operation',
  status: 'Status',
  kind: 'Kind',
  model: 'Model',
  agent: 'Agent',
  tool: 'Tool',
} as const;

const valuesShown = 10;

export interface FacetsProps {
  readonly state: SearchState;
  readonly onNarrow: (change: (conditions: Conditions) => Conditions) => void;
  /** What is listed goes first: facets read all that matches. */
  readonly isOn: boolean;
}

/** The most frequent values of some fields, to be taken into the filter or out of it. */
export function Facets({ state, onNarrow, isOn }: FacetsProps) {
  const { facets } = usePreferences();
  const conditions = useMemo(() => parseConditions(state.filter ?? ''), [state.filter]);
  const own = facets.filter((name) => !Object.hasOwn(facetNames, name));
  if (conditions === undefined) return null;
  const toggle = (name: string) =>
    setPreferences({
      facets: facets.includes(name) ? facets.filter((one) => one !== name) : [...facets, name],
    });
  return (
    <aside className="facets" aria-label="Values to narrow by">
      {[...Object.keys(facetNames), ...own].map((name) => (
        <Facet
          key={name}
          name={name}
          isOpen={facets.includes(name)}
          onToggle={() => toggle(name)}
          state={state}
          conditions={conditions}
          onNarrow={onNarrow}
          isOn={isOn}
        />
      ))}
      <AddFacet onAdd={(name) => facets.includes(name) || toggle(name)} />
    </aside>
  );
}

interface FacetProps {
  readonly name: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly state: SearchState;
  readonly conditions: Conditions;
  readonly onNarrow: FacetsProps['onNarrow'];
  readonly isOn: boolean;
}

function Facet({ name, isOpen, onToggle, state, conditions, onNarrow, isOn }: FacetProps) {
  const id = useId();
  const field = useMemo(() => fieldOf(name), [name]);
  const query = searchedQueryOf(withFilter(state, formatConditions(withoutFacet(conditions, field))));
  query.set('field', formatField(field));
  query.set('limit', String(valuesShown));
  const reply = useQuery(searchValuesQuery(query.toString(), isOn && isOpen));
  const choice = readFacet(conditions, field);
  const chosen = [...choice.included, ...choice.excluded];
  const found = reply.data?.values ?? [];
  // What the filter names is there to be taken back, also where no span has it.
  const values = [
    ...found,
    ...chosen
      .filter((value) => !found.some((one) => one.value === value))
      .map((value) => ({ value, count: -1 })),
  ];
  return (
    <section className="facet">
      <h2>
        <button
          type="button"
          className="facet-name"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={onToggle}
        >
          <Icon name={isOpen ? 'down' : 'right'} />
          {Object.hasOwn(facetNames, name) ? facetNames[name as keyof typeof facetNames] : name}
          {!isOpen && chosen.length > 0 && <span className="pill">{chosen.length}</span>}
        </button>
      </h2>
      {isOpen && (
        <ul id={id} aria-busy={reply.isFetching}>
          {reply.error !== null && reply.data === undefined && (
            <li className="dim facet-note" title={reply.error.message}>
              {describeError(reply.error).title}
            </li>
          )}
          {reply.data !== undefined && values.length === 0 && <li className="dim facet-note">none</li>}
          {values.map(({ value, count }) => (
            <FacetValue
              key={value}
              field={field}
              value={value}
              count={count}
              isIncluded={choice.included.includes(value)}
              isExcluded={choice.excluded.includes(value)}
              onInclude={() => onNarrow((all) => toggleIncluded(all, field, value))}
              onExclude={() => onNarrow((all) => toggleExcluded(all, field, value))}
            />
          ))}
          {reply.data?.truncated === true && <li className="dim facet-note">and more</li>}
        </ul>
      )}
    </section>
  );
}

interface FacetValueProps {
  readonly field: Field;
  readonly value: string;
  readonly count: number;
  readonly isIncluded: boolean;
  readonly isExcluded: boolean;
  readonly onInclude: () => void;
  readonly onExclude: () => void;
}

function FacetValue(props: FacetValueProps) {
  const { field, value, count, isIncluded, isExcluded, onInclude, onExclude } = props;
  const slotOf = useServiceSlots();
  const isService = field.type === 'intrinsic' && field.name === 'service';
  return (
    <li className={`facet-value${isExcluded ? ' excluded' : ''}`}>
      <button
        type="button"
        className="facet-include"
        aria-pressed={isIncluded}
        title={value}
        onClick={onInclude}
      >
        {isService && <ServiceDot slot={slotOf(value)} />}
        <span className="cut">{value === '' ? '(empty)' : value}</span>
        <span className="number dim">{formatCount(count)}</span>
      </button>
      <button
        type="button"
        className="icon-button small"
        aria-pressed={isExcluded}
        aria-label={`Without ${value}`}
        title={isExcluded ? 'No longer left out' : 'Leave out'}
        onClick={onExclude}
      >
        <Icon name="less" />
      </button>
    </li>
  );
}

function AddFacet({ onAdd }: { readonly onAdd: (name: string) => void }) {
  const [key, setKey] = useState('');
  const attributes = useQuery(attributesQuery).data?.attributes;
  const keys = useMemo(
    () => [...new Set(attributes?.filter(({ level }) => level !== 'log').map((attribute) => attribute.key))],
    [attributes],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== '') onAdd(key.trim());
    setKey('');
  };
  return (
    <form className="add-facet" onSubmit={submit} aria-label="Add an attribute">
      <Suggest label="Of an attribute" placeholder="key" value={key} items={keys} onChange={setKey} />
      <button type="submit" className="button">
        Add
      </button>
    </form>
  );
}
