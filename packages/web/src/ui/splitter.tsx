export interface SplitterProps {
  readonly className: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value for a pointer at `clientX`. */
  readonly toValue: (clientX: number) => number;
  readonly onChange: (value: number) => void;
  /** True where a larger value moves the splitter to the left. */
  readonly isReversed?: boolean;
}

/** An edge between two panes: drag it, or arrow keys. */
export function Splitter(props: SplitterProps) {
  const { className, label, value, min, max, step, toValue, onChange, isReversed = false } = props;
  const set = (next: number) => onChange(Math.min(max, Math.max(min, next)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged or focused; this is ARIA's window splitter
    <div
      className={`splitter ${className}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(value * 100) / 100}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) set(toValue(event.clientX));
      }}
      onKeyDown={(event) => {
        const direction = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (direction === 0) return;
        event.preventDefault();
        event.stopPropagation();
        set(value + direction * step * (isReversed ? -1 : 1));
      }}
    />
  );
}
