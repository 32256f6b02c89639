import { useEffect, useState } from 'react';
import { usePreferences } from '../../state/preferences.ts';
import { formatLocalInput, parseLocalInput } from '../../ui/date-time-input.ts';

export interface WindowFieldsProps {
  /** Unix milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly onChange: (start: number, end: number) => void;
}

/** A fixed window by hand, in the zone that the page shows. What is written counts when the field is left, or on Enter. */
export function WindowFields({ start, end, onChange }: WindowFieldsProps) {
  const { zone } = usePreferences();
  const [draft, setDraft] = useState({ start: '', end: '' });
  useEffect(
    () => setDraft({ start: formatLocalInput(start, zone), end: formatLocalInput(end, zone) }),
    [start, end, zone],
  );
  const [from, to] = [parseLocalInput(draft.start, zone), parseLocalInput(draft.end, zone)];
  const isWindow = from !== undefined && to !== undefined && from < to;
  const commit = () => {
    // The fields know whole seconds; what was pulled out of the plot is finer, and stays while nothing is written.
    const isSame = draft.start === formatLocalInput(start, zone) && draft.end === formatLocalInput(end, zone);
    if (isWindow && !isSame) onChange(from, to);
  };
  const field = (name: 'start' | 'end', label: string) => (
    <div className="field">
      <label htmlFor={`search-${name}`}>{zone === 'utc' ? `${label}, UTC` : label}</label>
      <input
        id={`search-${name}`}
        type="datetime-local"
        step="1"
        className="input window-input"
        value={draft[name]}
        aria-invalid={!isWindow}
        title={isWindow ? undefined : 'Expected a time, and the end after the start'}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          commit();
        }}
      />
    </div>
  );
  return (
    <>
      {field('start', 'From')}
      {field('end', 'To')}
    </>
  );
}
