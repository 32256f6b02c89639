import { type ByteWriter, encodeRowEnd, type PayloadWriter } from '@spanwise/store/rows';
import { limits } from '../limits.ts';
import { type CleanUp, cleanUps, flawOf } from './clean-ups.ts';
import type { RejectReason } from './decode-result.ts';
import { InstrumentationNotes } from './instrumentation-notes.ts';
import type { TraceIdSet } from './trace-id-set.ts';

/** The rows of one request, and the account of what happened to each of its spans or records. */
export class RowCollector {
  readonly writer: ByteWriter;
  rowCount = 0;
  received = 0;
  rejected = 0;
  contentDropped = 0;
  readonly reasons: Record<string, number> = {};
  readonly counters: Record<string, number> = {};
  readonly contentDroppedByService: Record<string, number> = {};
  readonly traceIds: TraceIdSet;
  readonly notes = new InstrumentationNotes();
  #services = 0;
  #offsets = new Uint32Array(1_024);
  #rowStart = 0;
  #warnings: string[] = [];

  /** Takes scratch memory, and clears it. */
  constructor(writer: ByteWriter, traceIds: TraceIdSet) {
    this.writer = writer;
    this.traceIds = traceIds;
    writer.clear();
    traceIds.clear();
  }

  get isFull(): boolean {
    return this.writer.length >= limits.rowBytesPerRequest.value;
  }

  beginRow(): void {
    this.#rowStart = this.writer.length;
    if (this.#warnings.length > 0) this.#warnings = [];
  }

  /** Notes a correction: a warning on the current row, and a count. */
  cleanUp(kind: CleanUp, count = 1): void {
    this.warn(kind);
    this.count(kind, count);
  }

  warn(kind: CleanUp): void {
    const warning = cleanUps[kind];
    if (this.#warnings.includes(warning)) return;
    this.#warnings.push(warning);
    this.notes.add(...flawOf(kind), 1);
  }

  count(kind: CleanUp, count: number): void {
    this.counters[kind] = (this.counters[kind] ?? 0) + count;
  }

  /** Closes the current row, or takes it back when it has become too large. */
  endRow(adjustedCount: number, payload: readonly PayloadWriter[]): void {
    encodeRowEnd(this.writer, adjustedCount, this.#warnings, payload);
    if (this.writer.length - this.#rowStart > limits.rowBytes.value) {
      this.writer.length = this.#rowStart;
      this.reject('row_too_large');
      return;
    }
    if (this.rowCount === this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.rowCount] = this.#rowStart;
    this.rowCount += 1;
  }

  reject(reason: RejectReason): void {
    this.rejected += 1;
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
  }

  countContent(service: string, values: number): void {
    this.contentDropped += values;
    const counts = this.contentDroppedByService;
    let name = service;
    if (!Object.hasOwn(counts, name)) {
      if (this.#services === limits.servicesCountedPerRequest.value) name = 'other';
      else this.#services += 1;
    }
    const before = Object.hasOwn(counts, name) ? counts[name]! : 0;
    Object.defineProperty(counts, name, {
      value: before + values,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }

  rowOffsets(): Uint32Array<ArrayBuffer> {
    return this.#offsets.slice(0, this.rowCount);
  }
}
