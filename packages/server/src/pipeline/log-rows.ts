import { attributeTypes, type LogCursor } from '@spanwise/model';
import { encodeLogRow, type LogRowDetails, type PayloadWriter, payloadPlaces } from '@spanwise/store/rows';
import type { RejectReason } from './decode-result.ts';
import { type ElementKind, elementKinds, kindOf } from './gate/element-kind.ts';
import type { Gate } from './gate/gate.ts';
import type { GroupRows } from './group-rows.ts';
import { eventNameFlag } from './key-flags.ts';
import type { RowCollector } from './row-collector.ts';
import { eventKind } from './span-rows.ts';
import { isId, isInside, type TimeWindow } from './time-window.ts';
import type { UnseenAttributes } from './unseen-attributes.ts';

const maxSeverity = 24;

/** Turns log records into rows: checks, gates, encodes. One object per worker, reused. */
export class LogRows {
  readonly #gate: Gate;
  readonly #group: GroupRows;
  readonly #payload: PayloadWriter;
  readonly #unseen: UnseenAttributes;
  readonly #details: LogRowDetails;
  #timeMissing = false;

  constructor(gate: Gate, group: GroupRows, payload: PayloadWriter, unseen: UnseenAttributes) {
    this.#gate = gate;
    this.#group = group;
    this.#payload = payload;
    this.#unseen = unseen;
    this.#details = {
      tenant: 0,
      timeLow: 0,
      timeHigh: 0,
      observedTimeLow: 0,
      observedTimeHigh: 0,
      hasTraceId: false,
      hasSpanId: false,
      severityNumber: 0,
      resource: group.resource,
      scope: group.scope,
    };
  }

  /** Settles the record's times, and says why it can't be stored, if so. */
  reasonAgainst(record: LogCursor, window: TimeWindow, receivedAtMillis: number): RejectReason | undefined {
    const row = this.#details;
    const arrival = BigInt(Math.round(receivedAtMillis)) * 1_000_000n;
    row.observedTimeLow = record.observedTimeLow;
    row.observedTimeHigh = record.observedTimeHigh;
    const observedMissing = (record.observedTimeLow | record.observedTimeHigh) === 0;
    if (observedMissing) {
      row.observedTimeLow = Number(BigInt.asIntN(32, arrival));
      row.observedTimeHigh = Number(arrival >> 32n);
    }
    const sent = (record.timeLow | record.timeHigh) !== 0;
    row.timeLow = sent ? record.timeLow : row.observedTimeLow;
    row.timeHigh = sent ? record.timeHigh : row.observedTimeHigh;
    this.#timeMissing = !sent && observedMissing;
    // DateTime64 is signed: what is observed in a time it can't hold was not observed then.
    if (row.observedTimeHigh < 0) {
      row.observedTimeLow = Number(BigInt.asIntN(32, arrival));
      row.observedTimeHigh = Number(arrival >> 32n);
    }
    return isInside(window, row.timeLow, row.timeHigh) ? undefined : 'time_out_of_range';
  }

  /** Writes the row up to its last three columns. */
  write(record: LogCursor, tenant: number, rows: RowCollector): void {
    const row = this.#details;
    const gate = this.#gate;
    const bytes = record.bytes;
    row.tenant = tenant;
    row.hasTraceId = isId(bytes, record.traceIdStart, record.traceIdEnd, 16);
    rows.notes.setTrace(row.hasTraceId ? bytes : undefined, record.traceIdStart);
    row.hasSpanId = row.hasTraceId && isId(bytes, record.spanIdStart, record.spanIdEnd, 8);
    if (
      (!row.hasTraceId && record.traceIdEnd - record.traceIdStart > 0 && !isZero(bytes, record)) ||
      (row.hasTraceId && !row.hasSpanId && ![0, 8].includes(record.spanIdEnd - record.spanIdStart))
    ) {
      rows.cleanUp('log_ids_invalid');
    }
    row.severityNumber = record.severityNumber <= maxSeverity ? record.severityNumber : 0;
    const kind = this.#kindOf(record);
    this.#payload.clear();
    gate.keepIn(this.#payload, payloadPlaces.body);
    gate.filterBody(record.body, kind);
    gate.keepIn(this.#payload, payloadPlaces.attribute);
    gate.filter(record.attributes, kind);
    if (gate.counts.total > 0) {
      rows.countContent(this.#group.service, gate.counts.total);
      const { content } = gate.counts;
      if (content > 0 && !gate.keepsContent) rows.notes.add('content', '', content);
      gate.counts.mark(record.attributes);
    }
    this.#unseen.note(record.attributes, 'log');
    if (this.#timeMissing) rows.cleanUp('log_time_missing');
    encodeLogRow(rows.writer, record, row);
    const leftOut = record.attributes.leftOut + record.body.leftOut;
    if (leftOut > 0) rows.cleanUp('attributes_over_limit', leftOut);
    if (row.hasTraceId) rows.traceIds.add(bytes, record.traceIdStart);
  }

  /** By the event's name, in its field or in the attribute of old; and by the keys of an agent's step. */
  #kindOf(record: LogCursor): ElementKind {
    const list = record.attributes;
    const flags = list.keys.flags;
    const kind = kindOf(list, elementKinds.ordinary);
    let named: ElementKind = elementKinds.ordinary;
    for (let index = 0; index < list.count; index += 1) {
      const keyFlags = flags[list.keyIds[index]!]!;
      if ((keyFlags & eventNameFlag) !== 0 && list.types[index] === attributeTypes.string) {
        named = eventKind(list.bytes, list.starts[index]!, list.ends[index]!, named);
      }
    }
    const own = eventKind(record.bytes, record.eventNameStart, record.eventNameEnd, kind);
    return named > own ? named : own;
  }
}

function isZero(bytes: Uint8Array, record: LogCursor): boolean {
  for (let position = record.traceIdStart; position < record.traceIdEnd; position += 1) {
    if (bytes[position] !== 0) return false;
  }
  return record.traceIdEnd - record.traceIdStart === 16;
}
