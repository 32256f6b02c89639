import { parseTraceId } from '@spanwise/model';
import { type FormEvent, useEffect, useState } from 'react';
import type { CompareState } from '../../state/compare-url.ts';

export interface CompareFormProps {
  readonly state: CompareState;
  readonly onCompare: (state: CompareState) => void;
}

const sides = ['before', 'after'] as const;

/** Two traces by their ids, in any spelling, or links to them. */
export function CompareForm({ state, onCompare }: CompareFormProps) {
  const [draft, setDraft] = useState<CompareState>(state);
  useEffect(() => setDraft(state), [state]);
  const idOf = (text: string | undefined) =>
    parseTraceId(/\/trace\/([0-9a-fA-F]+)/.exec(text ?? '')?.[1] ?? text?.trim() ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [before, after] = sides.map((side) => idOf(draft[side]));
    if (before !== undefined && after !== undefined) onCompare({ before, after });
  };
  return (
    <form className="page-form" onSubmit={submit} aria-label="Compare two traces">
      <h1>Compare</h1>
      {sides.map((side) => (
        <div key={side} className="field trace">
          <label htmlFor={`compare-${side}`}>{side === 'before' ? 'Before' : 'After'}</label>
          <input
            id={`compare-${side}`}
            className="input mono"
            placeholder="Trace id or link"
            spellCheck={false}
            value={draft[side] ?? ''}
            aria-invalid={draft[side] !== undefined && draft[side] !== '' && idOf(draft[side]) === undefined}
            onChange={(event) => setDraft({ ...draft, [side]: event.target.value })}
          />
        </div>
      ))}
      <button
        type="button"
        className="button"
        disabled={state.before === undefined || state.after === undefined}
        onClick={() => {
          if (state.before !== undefined && state.after !== undefined) {
            onCompare({ before: state.after, after: state.before });
          }
        }}
      >
        Swap
      </button>
      <button type="submit" className="button primary">
        Compare
      </button>
    </form>
  );
}
