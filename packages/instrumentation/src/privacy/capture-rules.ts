/** What happens to content that the application hands over: dropped, told by HMAC and length, or kept. */
export type CaptureMode = 'none' | 'strict' | 'hash' | 'full';

/** What a span says about who handles the content. */
export interface CaptureScope {
  readonly service?: string | undefined;
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  readonly model?: string | undefined;
}

interface CaptureRule {
  readonly kind: keyof CaptureScope;
  readonly name: string;
  readonly mode: CaptureMode;
}

export interface CaptureRules {
  readonly byDefault: CaptureMode;
  readonly rules: readonly CaptureRule[];
  /** Parts that were not understood. They may hold a slip of any kind, so only their number is told. */
  readonly unknownCount: number;
}

export const NO_CAPTURE: CaptureRules = { byDefault: 'none', rules: [], unknownCount: 0 };

/** From the most private to the least. */
const MODES: readonly string[] = ['strict', 'none', 'hash', 'full'] satisfies CaptureMode[];

const KINDS: readonly string[] = ['service', 'agent', 'tool', 'model'] satisfies (keyof CaptureScope)[];

/**
 * `hash,agent:support=full,tool:calculator=none`: a mode for everything, then exceptions. Anything that is not
 * understood is `none`: a part without a scope makes everything none, one with a scope makes its scope none.
 */
export function parseCaptureRules(text: string): CaptureRules {
  let byDefault: CaptureMode = 'none';
  let unknownCount = 0;
  let isDefaultUnknown = false;
  const rules: CaptureRule[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const scoped = /^([a-z]+):(.+)=([^=]*)$/i.exec(part);
    if (scoped === null) {
      const mode = modeOf(part);
      if (mode === undefined) {
        unknownCount += 1;
        isDefaultUnknown = true;
      } else byDefault = mode;
      continue;
    }
    const [, kindText = '', name = '', modeText = ''] = scoped;
    const kind = kindText.toLowerCase();
    const mode = modeOf(modeText);
    if (mode === undefined || !KINDS.includes(kind)) unknownCount += 1;
    // A scope nobody knows may have been meant to close something.
    if (!KINDS.includes(kind)) isDefaultUnknown = true;
    else rules.push({ kind: kind as keyof CaptureScope, name: name.trim(), mode: mode ?? 'none' });
  }
  return { byDefault: isDefaultUnknown ? 'none' : byDefault, rules, unknownCount };
}

/**
 * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, in the boolean spelling and that of the newer
 * conventions. We write no events, so `event_only` captures nothing.
 */
export function parseOpenTelemetryVariable(text: string): CaptureRules {
  const value = text.trim().toLowerCase();
  if (['true', '1', 'span_only', 'span_and_event'].includes(value))
    return { ...NO_CAPTURE, byDefault: 'full' };
  const isKnown = ['', 'false', '0', 'no_content', 'none', 'event_only'].includes(value);
  return isKnown ? NO_CAPTURE : { ...NO_CAPTURE, unknownCount: 1 };
}

/** The mode of a scope: that of the rules that name it, of several the most private one, else the default. */
export function modeFor({ byDefault, rules }: CaptureRules, scope: CaptureScope): CaptureMode {
  const matching = rules.filter(({ kind, name }) => scope[kind] === name).map(({ mode }) => mode);
  const [first] = matching.toSorted((a, b) => MODES.indexOf(a) - MODES.indexOf(b));
  return first ?? byDefault;
}

function modeOf(text: string): CaptureMode | undefined {
  const mode = text.trim().toLowerCase();
  return MODES.includes(mode) ? (mode as CaptureMode) : undefined;
}
