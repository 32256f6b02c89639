import type { InstrumentationFlaw, InstrumentationNote } from '@spanwise/store/rows';
import { limits } from '../limits.ts';

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Counts, by service, what is wrong with how the spans or records of one request were sent. */
export class InstrumentationNotes {
  /** By service, then flaw and detail. */
  readonly #notes = new Map<string, Map<string, Writable<InstrumentationNote>>>();
  #size = 0;
  #ofService: Map<string, Writable<InstrumentationNote>> | undefined;
  #service = '';
  #bytes: Uint8Array | undefined;
  #traceIdStart = 0;

  /** Of whom the next notes speak. */
  setService(service: string): void {
    if (service === this.#service && this.#ofService !== undefined) return;
    this.#service = service;
    this.#ofService = this.#notes.get(service);
  }

  /** The trace of the span or record at hand: 16 bytes; without `bytes`, none. */
  setTrace(bytes: Uint8Array | undefined, start: number): void {
    this.#bytes = bytes;
    this.#traceIdStart = start;
  }

  /** Beyond the bound, flaws that were not met before in this request are left out. */
  add(what: InstrumentationFlaw, detail: string, count: number): void {
    const key = `${what} ${detail}`;
    const known = this.#ofService?.get(key);
    if (known !== undefined) {
      known.count += count;
      return;
    }
    if (this.#size === limits.notesPerRequest.value) return;
    this.#size += 1;
    if (this.#ofService === undefined) {
      this.#ofService = new Map();
      this.#notes.set(this.#service, this.#ofService);
    }
    this.#ofService.set(key, { service: this.#service, what, detail, count, traceId: this.#traceId() });
  }

  list(): readonly InstrumentationNote[] {
    return [...this.#notes.values()].flatMap((notes) => [...notes.values()]);
  }

  #traceId(): string {
    if (this.#bytes === undefined) return '';
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + this.#traceIdStart, 16).toString('hex');
  }
}
