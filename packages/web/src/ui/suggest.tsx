import { Autocomplete } from '@base-ui/react/autocomplete';
import { type ReactNode, useId } from 'react';

export interface SuggestProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly items: readonly string[];
  readonly placeholder: string;
  readonly isDisabled?: boolean;
  readonly renderItem?: (item: string) => ReactNode;
}

/** A text field that suggests: any value may be typed. */
export function Suggest(props: SuggestProps) {
  const { label, value, onChange, items, placeholder, isDisabled = false, renderItem } = props;
  const id = useId();
  return (
    <Autocomplete.Root
      items={items}
      value={value}
      onValueChange={onChange}
      disabled={isDisabled}
      openOnInputClick
    >
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <Autocomplete.Input
          id={id}
          className="input"
          // Base UI hides all but field and list from screen readers while something is offered: the label too.
          aria-label={label}
          placeholder={placeholder}
          spellCheck={false}
        />
      </div>
      <Autocomplete.Portal>
        <Autocomplete.Positioner sideOffset={4} style={{ zIndex: 20 }}>
          <Autocomplete.Popup className="popup">
            <Autocomplete.Empty className="popup-empty">Nothing by that name yet.</Autocomplete.Empty>
            <Autocomplete.List>
              {(item: string) => (
                <Autocomplete.Item key={item} value={item} className="popup-item">
                  {renderItem?.(item) ?? item}
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}
