import { useId } from 'react';
import { lookbacksWith } from './lookbacks.ts';

export interface LookbackSelectProps {
  readonly value: string;
  readonly onChange: (lookback: string) => void;
}

export function LookbackSelect({ value, onChange }: LookbackSelectProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Look-back</label>
      <select id={id} className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        {lookbacksWith(value).map(([lookback, label]) => (
          <option key={lookback} value={lookback}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
