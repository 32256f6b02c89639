import { type Context, createContextKey, diag, type Span } from '@opentelemetry/api';
import { attributeKey, contentKey } from '@spanwise/semconv';
import {
  type CaptureRules,
  type CaptureScope,
  modeFor,
  NO_CAPTURE,
  parseCaptureRules,
  parseOpenTelemetryVariable,
} from './capture-rules.ts';

/** Kinds of content, and the attribute that holds each. */
export type ContentKind = keyof typeof contentKey;

/** Content, each as a function: it runs only where the mode wants the content. */
export type ContentOfSpan = Readonly<Partial<Record<ContentKind, () => unknown>>>;

export interface CaptureOptions {
  /** As `SPANWISE_CAPTURE_CONTENT`, which it goes before: `hash,agent:support=full`. */
  readonly content?: string | undefined;
  /** Key of mode `hash`. Default: `SPANWISE_CONTENT_KEY`. Without one nothing is captured in that mode. */
  readonly key?: string | undefined;
  /**
   * Sees each text before it is kept and returns what may be kept. What it throws, any answer but a text, and
   * an answer that took longer than `maskTimeoutMillis` drop the text.
   */
  readonly mask?: ((text: string, kind: ContentKind) => string) | undefined;
  /** 50 ms. JavaScript can't interrupt a function: a slow mask costs its time, and its answer is not used. */
  readonly maskTimeoutMillis?: number | undefined;
}

const DEFAULT_MASK_TIMEOUT_MILLIS = 50;

/** A conversation's history may be long; a span must not be. */
const MAX_CHARACTERS = 64 * 1024;

/** Shorter keys can be guessed. */
const MIN_KEY_LENGTH = 16;

const AGENT_NAME = createContextKey('Spanwise: the agent whose turn it is');

interface Capture {
  readonly rules: CaptureRules;
  readonly key: string | undefined;
  readonly mask: CaptureOptions['mask'];
  readonly maskTimeoutMillis: number;
}

let capture: Capture | undefined;

/**
 * Content that a span holds because a rule allows it, by attribute. The SDK's gate lets these texts through and
 * no others: what somebody else sets under the same key has met neither rules nor mask.
 */
const captured = new WeakMap<object, Map<string, string>>();

/** Sets what is captured, for the whole process. Without it the environment decides, at the first span. */
export function configureCapture(options: CaptureOptions): void {
  capture = createCapture(options);
}

/** Content that may leave with this span, by attribute. */
export function capturedContent(span: object): ReadonlyMap<string, string> | undefined {
  return captured.get(span);
}

/** True where rules ask for the side doors of all spans to be closed, not only those of agents. */
export function isStrictCapture(): boolean {
  return currentCapture().rules.byDefault === 'strict';
}

export function withAgentName(parent: Context, name: string): Context {
  return parent.setValue(AGENT_NAME, name);
}

/** The agent whose turn it is in the context, if any. */
export function activeAgentName(active: Context): string | undefined {
  return textOf(active.getValue(AGENT_NAME));
}

/** Whether rules allow anything of this span's content to be kept: else nobody need gather it. */
export function isContentWanted(span: Span, active: Context): boolean {
  return keepingMode(span, active) !== undefined;
}

/** Puts on the span what its mode allows of the content. Never throws, whatever content and mask do. */
export function captureContent(span: Span, active: Context, content: ContentOfSpan): void {
  const mode = keepingMode(span, active);
  if (mode === undefined) return;
  const { key, mask, maskTimeoutMillis } = currentCapture();
  for (const kind of Object.keys(content) as ContentKind[]) {
    try {
      const value = content[kind]?.();
      if (value === undefined) continue;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (mode === 'hash') recordHash(span, kind, text, key);
      else recordText(span, kind, masked(text, kind, mask, maskTimeoutMillis));
    } catch {
      // Content that can't be read, or that the mask did not want: it is not captured.
      warnOnce('Spanwise: content could not be read or masked and was left out');
    }
  }
}

/** The mode that holds for the span, if it is one that keeps something. */
function keepingMode(span: Span, active: Context): 'hash' | 'full' | undefined {
  if (!span.isRecording()) return undefined;
  const { rules } = currentCapture();
  if (rules.rules.length === 0 && rules.byDefault !== 'hash' && rules.byDefault !== 'full') return undefined;
  const scope = scopeOf(span, active);
  // Rules can't be held against a span that does not say what it is.
  const mode = scope === undefined ? 'none' : modeFor(rules, scope);
  return mode === 'hash' || mode === 'full' ? mode : undefined;
}

function recordText(span: Span, kind: ContentKind, text: string): void {
  const attribute = contentKey[kind];
  const kept = text.slice(0, MAX_CHARACTERS);
  span.setAttribute(attribute, kept);
  const texts = captured.get(span) ?? new Map<string, string>();
  captured.set(span, texts.set(attribute, kept));
}

/** Equal texts have equal marks, and nobody without the key can try texts out. */
function recordHash(span: Span, kind: ContentKind, text: string, key: string | undefined): void {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined || key === undefined) return;
  span.setAttributes({
    [`spanwise.content.${kind}.hmac`]: crypto.createHmac('sha256', key).update(text).digest('hex'),
    [`spanwise.content.${kind}.length`]: text.length,
  });
}

function masked(
  text: string,
  kind: ContentKind,
  mask: CaptureOptions['mask'],
  timeoutMillis: number,
): string {
  if (mask === undefined) return text;
  const startedAt = performance.now();
  const result: unknown = mask(text, kind);
  if (performance.now() - startedAt > timeoutMillis) throw new Error('the mask took too long');
  if (typeof result !== 'string') throw new Error('the mask gave no text');
  return result;
}

/** Fields of the SDK's spans, which the API does not show. */
interface RecordedSpan {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly resource?: { readonly attributes?: Readonly<Record<string, unknown>> };
}

function scopeOf(span: Span, active: Context): CaptureScope | undefined {
  const { attributes, resource } = span as RecordedSpan;
  if (attributes === undefined) return undefined;
  return {
    service: textOf(resource?.attributes?.[attributeKey.serviceName]),
    agent: textOf(attributes[attributeKey.agentName]) ?? activeAgentName(active),
    tool: textOf(attributes[attributeKey.toolName]),
    model: textOf(attributes[attributeKey.requestModel]),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function currentCapture(): Capture {
  capture ??= createCapture({});
  return capture;
}

function createCapture(options: CaptureOptions): Capture {
  const env = globalThis.process?.env ?? {};
  const own = options.content ?? env.SPANWISE_CAPTURE_CONTENT;
  const standard = env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
  const rules =
    own !== undefined
      ? parseCaptureRules(own)
      : standard === undefined
        ? NO_CAPTURE
        : parseOpenTelemetryVariable(standard);
  if (rules.unknownCount > 0) {
    diag.warn(`Spanwise: ${rules.unknownCount} part(s) of the content capture are not known and mean none`);
  }
  const given = options.key ?? env.SPANWISE_CONTENT_KEY;
  const key = given !== undefined && given.length >= MIN_KEY_LENGTH ? given : undefined;
  const wantsHash = rules.byDefault === 'hash' || rules.rules.some(({ mode }) => mode === 'hash');
  if (wantsHash && key === undefined) {
    diag.warn(
      `Spanwise: capture mode hash needs SPANWISE_CONTENT_KEY of ${MIN_KEY_LENGTH} characters or more; until then it means none`,
    );
  }
  const maskTimeoutMillis = options.maskTimeoutMillis ?? DEFAULT_MASK_TIMEOUT_MILLIS;
  return { rules, key, mask: options.mask, maskTimeoutMillis };
}

const warned = new Set<string>();

function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  diag.warn(message);
}
