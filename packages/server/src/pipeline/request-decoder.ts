import { createHash } from 'node:crypto';
import { AttributeList, KeyTable } from '@spanwise/model';
import {
  type CursorLists,
  LogsRequestCursor,
  NestedDecoder,
  OtlpError,
  TraceRequestCursor,
  transcodeJsonRequest,
  transcodeZipkinRequest,
} from '@spanwise/otlp';
import type { Price } from '@spanwise/semconv/prices';
import { ByteWriter, PayloadWriter } from '@spanwise/store/rows';
import { limits } from '../limits.ts';
import type { ContentMode, DecodedRows, DecodeInvalid, DecodeRequest } from './decode-result.ts';
import { Gate } from './gate/gate.ts';
import { GroupRows } from './group-rows.ts';
import { classifyKey } from './key-flags.ts';
import { LogRows } from './log-rows.ts';
import { Normaliser } from './normalise/normaliser.ts';
import { Pricer } from './normalise/pricer.ts';
import { RowCollector } from './row-collector.ts';
import { SpanRows } from './span-rows.ts';
import { timeWindow } from './time-window.ts';
import { TraceIdSet } from './trace-id-set.ts';
import { UnseenAttributes } from './unseen-attributes.ts';

export interface RequestDecoderSettings {
  readonly contentMode: ContentMode;
  readonly contentKey?: Uint8Array;
  /** An operator's, which count before the listed ones. */
  readonly prices?: readonly Price[];
  readonly retentionMillis: Readonly<Record<'spans' | 'logs', number>>;
}

/** google.rpc.Code. */
const invalidArgument = 3;
const internal = 13;

/**
 * The hot path of one worker: request bytes to rows, in one pass and with reused scratch memory.
 *
 * Key ids live until `resetWhenCrowded`, which is called between rows: resource and scope are bytes by then.
 */
export class RequestDecoder {
  readonly #settings: RequestDecoderSettings;
  readonly #keys = new KeyTable(limits.distinctKeysPerSpan.value * 2, limits.keyBytes.value, classifyKey);
  readonly #nested = new NestedDecoder(limits.nestingDepth.value);
  readonly #lists: CursorLists;
  readonly #unseen = new UnseenAttributes();
  readonly #group = new GroupRows(this.#unseen);
  /** What is kept apart from the rows: of the resource, the scope, and the span or record. */
  readonly #payload: readonly PayloadWriter[];
  readonly #gate: Gate;
  readonly #spanRows: SpanRows;
  readonly #logRows: LogRows;
  readonly #traceIds = new TraceIdSet(limits.traceIdsPerRequest.value);
  readonly #writer = new ByteWriter(256 * 1024);
  /** Repairs and refusals that earlier rows have accounted for. */
  #repairsSeen = 0;
  #tooDeepSeen = 0;

  constructor(settings: RequestDecoderSettings) {
    this.#settings = settings;
    this.#lists = {
      resource: this.#list(),
      scope: this.#list(),
      record: this.#list(),
      inner: this.#list(),
    };
    const payload = new PayloadWriter();
    this.#payload = [this.#group.resourcePayload, this.#group.scopePayload, payload];
    this.#gate = new Gate(
      settings.contentMode,
      settings.contentKey,
      this.#keys,
      limits.inlineValueBytes.value,
      payload,
    );
    this.#spanRows = new SpanRows(
      this.#gate,
      new Normaliser(),
      new Pricer(settings.prices ?? []),
      this.#group,
      payload,
      this.#unseen,
    );
    this.#logRows = new LogRows(this.#gate, this.#group, payload, this.#unseen);
  }

  /** Total: whatever the bytes are, the answer is rows or `invalid`. */
  decode(request: DecodeRequest): DecodedRows | DecodeInvalid {
    try {
      return this.#decode(request);
    } catch (error) {
      if (error instanceof OtlpError) {
        const what = request.encoding === 'zipkin' ? 'not Zipkin v2 spans' : 'not an OTLP request';
        return { kind: 'invalid', code: invalidArgument, message: `${what}: ${error.message}` };
      }
      // A fault of ours. Sent again it would fail again; and its text may quote values.
      const name = error instanceof Error ? error.name : 'unknown';
      return { kind: 'invalid', code: internal, message: `internal error while decoding: ${name}` };
    } finally {
      this.#gate.counts.clear();
    }
  }

  #decode(request: DecodeRequest): DecodedRows {
    const bytes = protobufOf(request);
    const rows = new RowCollector(this.#writer, this.#traceIds);
    this.#betweenRows();
    this.#group.forget();
    this.#unseen.begin(request.tenant, request.receivedAtMillis);
    if (request.signal === 'spans') this.#decodeSpans(bytes, request, rows);
    else this.#decodeLogs(bytes, request, rows);
    const result = this.#result(request, rows);
    this.#writer.clear();
    return result;
  }

  #decodeSpans(bytes: Uint8Array, request: DecodeRequest, rows: RowCollector): void {
    const cursor = new TraceRequestCursor(bytes, this.#lists, {
      eventsPerSpan: limits.eventsPerSpan.value,
      linksPerSpan: limits.linksPerSpan.value,
    });
    const window = timeWindow(request.receivedAtMillis, this.#settings.retentionMillis.spans);
    while (cursor.next()) {
      rows.received += 1;
      rows.beginRow();
      this.#group.follow(cursor, this.#gate, rows);
      const reason = rows.isFull ? 'rows_too_large' : this.#spanRows.reasonAgainst(cursor, window);
      if (reason === undefined) {
        const adjustedCount = this.#spanRows.write(cursor, request.tenant, rows);
        this.#endRow(rows, adjustedCount);
      } else rows.reject(reason);
      this.#betweenRows();
    }
  }

  #decodeLogs(bytes: Uint8Array, request: DecodeRequest, rows: RowCollector): void {
    const cursor = new LogsRequestCursor(bytes, this.#lists);
    const window = timeWindow(request.receivedAtMillis, this.#settings.retentionMillis.logs);
    while (cursor.next()) {
      rows.received += 1;
      rows.beginRow();
      this.#group.follow(cursor, this.#gate, rows);
      const reason = rows.isFull
        ? 'rows_too_large'
        : this.#logRows.reasonAgainst(cursor, window, request.receivedAtMillis);
      if (reason === undefined) {
        this.#logRows.write(cursor, request.tenant, rows);
        this.#endRow(rows, 1);
      } else rows.reject(reason);
      this.#betweenRows();
    }
  }

  #endRow(rows: RowCollector, adjustedCount: number): void {
    this.#group.warn(rows);
    const repairs = this.#repairs() - this.#repairsSeen;
    if (repairs > 0) rows.cleanUp('utf8_repaired', repairs);
    const tooDeep = this.#nested.tooDeep - this.#tooDeepSeen;
    if (tooDeep > 0) rows.cleanUp('nesting_over_limit', tooDeep);
    rows.endRow(adjustedCount, this.#payload);
  }

  /** Between rows: all lists are done with. */
  #betweenRows(): void {
    if (this.#keys.resetWhenCrowded()) this.#unseen.forgetIds();
    this.#repairsSeen = this.#repairs();
    this.#tooDeepSeen = this.#nested.tooDeep;
  }

  #repairs(): number {
    const payload = this.#payload.reduce((repairs, { bytes }) => repairs + bytes.repairs, 0);
    return (
      payload + this.#writer.repairs + this.#spanRows.repairs + this.#keys.repairs + this.#nested.repairs
    );
  }

  #result(request: DecodeRequest, rows: RowCollector): DecodedRows {
    const hash = createHash('sha256')
      .update(`${request.tenant} ${request.signal} `)
      .update(request.body)
      .digest('hex');
    if (rows.contentDropped > 0) rows.counters.content_dropped = rows.contentDropped;
    if (rows.traceIds.truncated) rows.counters.trace_ids_truncated = 1;
    const noun = `${request.signal === 'spans' ? 'span' : 'log record'}${rows.rejected === 1 ? '' : 's'}`;
    const listed = Object.entries(rows.reasons).map(([reason, count]) => `${reason} ${count}`);
    return {
      kind: 'rows',
      rows: this.#writer.copy(),
      rowOffsets: rows.rowOffsets(),
      rowCount: rows.rowCount,
      received: rows.received,
      rejected: rows.rejected,
      reasons: rows.reasons,
      ...(rows.rejected > 0 && { message: `${rows.rejected} ${noun} rejected: ${listed.join(', ')}` }),
      requestHash: hash,
      traceIds: rows.traceIds.toHex(),
      traceIdsTruncated: rows.traceIds.truncated,
      counters: rows.counters,
      contentDroppedByService: rows.contentDroppedByService,
      notes: rows.notes.list(),
      unseen: this.#unseen.take(),
    };
  }

  #list(): AttributeList {
    return new AttributeList({
      keys: this.#keys,
      maxCount: limits.attributesPerElement.value,
      maxValueBytes: limits.valueBytes.value,
      largeValueBytes: limits.inlineValueBytes.value,
      decodeNested: (bytes, start, end, type) => this.#nested.decode(bytes, start, end, type),
    });
  }
}

function protobufOf({ encoding, signal, body }: DecodeRequest): Uint8Array {
  switch (encoding) {
    case 'protobuf':
      return body;
    case 'json':
      return transcodeJsonRequest(signal, body);
    case 'zipkin':
      return transcodeZipkinRequest(body);
  }
}
