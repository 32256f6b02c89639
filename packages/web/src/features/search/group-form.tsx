import { parseFields } from '@spanwise/filter';
import { type FormEvent, useEffect, useState } from 'react';

const suggestions = ['service', 'service,name', 'model', 'tool', 'agent', 'service,status'];

export interface GroupFormProps {
  /** Fields with commas between. */
  readonly by: string;
  readonly onChange: (by: string) => void;
}

/** What groups are made by: chosen, or written. */
export function GroupForm({ by, onChange }: GroupFormProps) {
  const [text, setText] = useState(by);
  useEffect(() => setText(by), [by]);
  const parsed = parseFields(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parsed.ok) onChange(text);
  };
  return (
    <form className="group-form" onSubmit={submit} aria-label="Group by">
      <label htmlFor="group-by">By</label>
      <input
        id="group-by"
        className="input mono"
        value={text}
        spellCheck={false}
        aria-invalid={!parsed.ok}
        title={
          parsed.ok ? 'Up to three fields or keys of attributes, with commas between' : parsed.error.message
        }
        onChange={(event) => setText(event.target.value)}
      />
      {suggestions.map((suggestion) => (
        <button
          key={suggestion}
          type="button"
          className="sort"
          aria-pressed={suggestion === by}
          onClick={() => onChange(suggestion)}
        >
          {suggestion.replace(',', ', ')}
        </button>
      ))}
    </form>
  );
}
