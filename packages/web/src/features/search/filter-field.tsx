import { Autocomplete } from '@base-ui/react/autocomplete';
import { formatField, parseFilter } from '@spanwise/filter';
import { useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { attributesQuery, searchValuesQuery } from '../../api/queries.ts';
import { type Completion, completionsOf, hasListedValues, wantedAt } from '../../filter/completions.ts';
import { FilterHelp } from './filter-help.tsx';
import { FilterProblem, type TextProblem } from './filter-problem.tsx';

export interface FilterFieldProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** The window in which values are looked up, as the API takes it. */
  readonly window: string;
}

/** The filter language, with what could come next, and where it stops being understood. */
export function FilterField({ text, onChange, window }: FilterFieldProps) {
  const [id, problemId] = [useId(), useId()];
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(text.length);
  const [isFocused, setFocused] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const completions = useCompletions(text, caret, isOpen, window);
  const placeCaret = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const at = placeCaret.current;
    if (at === undefined || input.current?.value !== text) return;
    placeCaret.current = undefined;
    input.current.setSelectionRange(at, at);
    setCaret(at);
  });
  useSlash(input);
  const problem = useMemo(() => problemOf(text), [text]);
  // Half a condition is no mistake while it is being written.
  const isUnfinished = isFocused && problem !== undefined && problem.from >= text.trimEnd().length;
  const put = (next: string, at: number) => {
    placeCaret.current = at;
    onChange(next);
    input.current?.focus();
  };
  return (
    <Autocomplete.Root
      mode="none"
      items={completions}
      itemToStringValue={(completion: Completion) => completion.text}
      value={text}
      open={isOpen && completions.length > 0}
      openOnInputClick
      onOpenChange={(next, details) => {
        setOpen(next);
        // What was taken is followed by something: that is offered next.
        if (details.reason === 'item-press') requestAnimationFrame(() => setOpen(true));
      }}
      onValueChange={(next, details) => {
        // Esc closes what is offered; it takes no text away.
        if (details.reason === 'escape-key') return;
        const taken = completions.find((completion) => completion.text === next);
        if (details.reason === 'item-press' && taken !== undefined) {
          placeCaret.current = taken.caret;
        } else {
          setCaret(input.current?.selectionStart ?? next.length);
        }
        onChange(next);
      }}
    >
      <div className="field filter-field">
        <div className="filter-head">
          <label htmlFor={id}>Filter</label>
          <FilterProblem id={problemId} text={text} problem={problem} isCalm={isUnfinished} onReplace={put} />
        </div>
        <div className="filter-line">
          <div className="filter-box">
            <Autocomplete.Input
              id={id}
              ref={input}
              className="input mono"
              // Base UI hides all but field and list from screen readers while something is offered: the label too.
              aria-label="Filter"
              placeholder={'service = "llm-proxy" and duration > 2s'}
              spellCheck={false}
              autoCapitalize="off"
              aria-invalid={problem !== undefined && !isUnfinished}
              aria-describedby={problem === undefined ? undefined : problemId}
              onFocus={() => setFocused(true)}
              onBlur={() => {
                setFocused(false);
                setOpen(false);
              }}
              onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
              onKeyDown={(event) => {
                if (event.key === ' ' && event.ctrlKey) {
                  event.preventDefault();
                  setOpen(true);
                }
                const isOffering = isOpen && completions.length > 0;
                if (event.key === 'Escape' && !isOffering) event.currentTarget.blur();
                // The search begins: nothing more is offered for it.
                if (event.key === 'Enter' && !isOffering) setOpen(false);
              }}
            />
            {problem !== undefined && !isUnfinished && (
              <PlaceMark text={text} problem={problem} input={input} />
            )}
          </div>
          <FilterHelp onUse={(example) => put(example, example.length)} />
        </div>
      </div>
      <Autocomplete.Portal>
        <Autocomplete.Positioner sideOffset={4} align="start" style={{ zIndex: 20 }}>
          <Autocomplete.Popup className="popup completions">
            <Autocomplete.List>
              {(completion: Completion) => (
                <Autocomplete.Item key={completion.label} value={completion} className="popup-item">
                  <span className="mono cut">{completion.label}</span>
                  <span className="dim cut completion-detail">{completion.detail}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}

function problemOf(text: string): TextProblem | undefined {
  const parsed = parseFilter(text);
  return parsed.ok ? undefined : parsed.error;
}

const none: readonly never[] = [];

function useCompletions(text: string, caret: number, isOn: boolean, window: string): readonly Completion[] {
  const wanted = useMemo(() => (isOn ? wantedAt(text, caret) : undefined), [text, caret, isOn]);
  const field = wanted?.what === 'value' ? wanted.field : undefined;
  const isListed = field !== undefined && hasListedValues(field);
  const name = isListed ? formatField(field) : '';
  const attributes = useQuery({ ...attributesQuery, enabled: isOn }).data?.attributes;
  const values = useQuery(
    searchValuesQuery(`${window}&limit=200&field=${encodeURIComponent(name)}`, isListed),
  ).data;
  return useMemo(() => {
    if (wanted === undefined) return none;
    const known = values !== undefined && values.field === name ? values.values : none;
    return completionsOf(text, wanted, { attributes: attributes ?? none, values: known });
  }, [text, wanted, attributes, values, name]);
}

/** `/` leads to the filter from wherever nobody types. */
function useSlash(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body;
      const isTyping = target.closest('input, textarea, select, [role=dialog], [role=menu]') !== null;
      const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key !== '/' || isTyping || hasModifier || event.defaultPrevented) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, [input]);
}

interface PlaceMarkProps {
  readonly text: string;
  readonly problem: TextProblem;
  readonly input: RefObject<HTMLInputElement | null>;
}

/** A line under the characters at fault: laid out as the field lays them out, whatever the script. */
function PlaceMark({ text, problem, input }: PlaceMarkProps) {
  const [scroll, setScroll] = useState(0);
  useEffect(() => {
    const node = input.current;
    if (node === null) return undefined;
    const update = () => setScroll(node.scrollLeft);
    update();
    node.addEventListener('scroll', update);
    return () => node.removeEventListener('scroll', update);
  }, [input]);
  return (
    <span className="filter-marks mono" aria-hidden="true">
      <span style={{ transform: `translateX(${-scroll}px)` }}>
        <span className="unseen">{text.slice(0, problem.from)}</span>
        <span className="filter-mark">
          <span className="unseen">{text.slice(problem.from, problem.to) || ' '}</span>
        </span>
      </span>
    </span>
  );
}
