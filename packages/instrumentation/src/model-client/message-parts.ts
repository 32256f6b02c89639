/*
 * Messages in the form of the conventions (semantic-conventions-genai `docs/gen-ai/gen-ai-input-messages.json`):
 * a role and typed parts. For the capture modes that keep content; nothing here runs in the others.
 */

export interface MessagePart {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface ContentMessage {
  readonly role: string;
  readonly parts: readonly MessagePart[];
  readonly finish_reason?: string | undefined;
}

/** A text of an answer grows to this and no further; the span keeps less still. */
const MAX_GATHERED_CHARACTERS = 64 * 1024;

export function textPart(content: string): MessagePart {
  return { type: 'text', content };
}

/** A text that comes in pieces. */
export class GatheredText {
  #text = '';

  add(piece: unknown): void {
    if (typeof piece === 'string' && this.#text.length < MAX_GATHERED_CHARACTERS) this.#text += piece;
  }

  toString(): string {
    return this.#text;
  }
}
