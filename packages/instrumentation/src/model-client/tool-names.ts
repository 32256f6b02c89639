import { attributeKey } from '@spanwise/semconv';
import type { ModelCall } from './model-call.ts';

/** OpenAI's own bound for tools of a request; more is not listed. */
const MAX_TOOL_NAMES = 128;

/** What providers allow as a tool's name. A model can make one up; then it may be a sentence. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** Names of the tools that an answer asks for, in its order. */
export class ToolNames {
  readonly #names = new Map<string, string>();

  get size(): number {
    return this.#names.size;
  }

  /** @param place Which call of the answer: of one that comes in pieces only the first has the name. */
  record(place: string, name: string | undefined, call: ModelCall): void {
    if (name === undefined || this.#names.has(place) || this.#names.size >= MAX_TOOL_NAMES) return;
    this.#names.set(place, TOOL_NAME.test(name) ? name : '_OTHER');
    call.recordList(attributeKey.responseToolCalls, [...this.#names.values()]);
  }
}
