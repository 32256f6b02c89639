import { Dialog } from '@base-ui/react/dialog';
import { intrinsics } from '@spanwise/filter';
import { filterExamples } from '../../filter/filter-examples.ts';
import { Icon } from '../../ui/icons.tsx';

const conditions = [
  ['field = value, !=', 'equal to it; there, and another one'],
  ['field < value, <=, >, >=', 'numbers and durations: 500, 0.05, 1.5ms, 2s, 1h30m'],
  ['field in (value, value)', 'equal to one of them'],
  ['field =~ "pattern", !~', 'the whole text matches the pattern, or does not; RE2’s syntax'],
  ['field exists', 'the span has it'],
  ['duration > p95(7d)', 'slower than 95 % of the last seven days of the same operation'],
  ['{a} >> {b}, {a} > {b}, {a} ~ {b}', 'b somewhere below, right below, beside a'],
  ['not, and, or, ( )', 'in this order of strength; parentheses group'],
] as const;

const keys = [
  ['/', 'to the filter'],
  ['Enter', 'search'],
  ['↓ ↑', 'through what is offered; Enter takes it'],
  ['Ctrl Space', 'offer what may come next'],
  ['Esc', 'close what is offered, then leave the filter'],
] as const;

/** The language on one page, with examples to start from. */
export function FilterHelp({ onUse }: { readonly onUse: (filter: string) => void }) {
  return (
    <Dialog.Root>
      <Dialog.Trigger className="icon-button" aria-label="Help with filters" title="Help with filters">
        <Icon name="help" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog filter-help">
          <Dialog.Title>Filters</Dialog.Title>
          <p>
            A filter speaks of one span: all its conditions must hold for the same span, and a trace is found
            when one of its spans is. The same text works here, in{' '}
            <span className="mono">spanwise search</span> and in <span className="mono">/api/v1/search</span>.
          </p>
          <h3>Examples</h3>
          <ul className="filter-examples">
            {filterExamples.map(([filter, meaning]) => (
              <li key={filter}>
                <Dialog.Close className="inline-action mono" onClick={() => onUse(filter)}>
                  {filter}
                </Dialog.Close>
                <span className="dim">{meaning}</span>
              </li>
            ))}
          </ul>
          <h3>Conditions</h3>
          <Meanings rows={conditions} />
          <h3>Fields</h3>
          <Meanings
            rows={Object.entries(intrinsics).map(([name, { meaning, type }]) => [
              name,
              `${meaning.replaceAll('`', '')} (${type})`,
            ])}
          />
          <p>
            Any other word is the key of an attribute, on any level; <span className="mono">resource.</span>,{' '}
            <span className="mono">span.</span>, <span className="mono">scope.</span>,{' '}
            <span className="mono">event.</span> and <span className="mono">link.</span> before it name one.
            Texts stand in quotes, and so do keys that have odd characters or the name of a field.
          </p>
          <h3>Keyboard</h3>
          <Meanings rows={keys} />
          <Dialog.Close className="button">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Meanings({ rows }: { readonly rows: readonly (readonly [term: string, meaning: string])[] }) {
  return (
    <dl className="meanings">
      {rows.map(([term, meaning]) => (
        <div key={term}>
          <dt className="mono">{term}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
