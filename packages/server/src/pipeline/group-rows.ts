import { type AttributeList, attributeTypes, type ProducerCursor } from '@spanwise/model';
import { ByteWriter, encodeResource, encodeScope, PayloadWriter, payloadPlaces } from '@spanwise/store/rows';
import { type CleanUp, unknownService } from './clean-ups.ts';
import { elementKinds, kindOf } from './gate/element-kind.ts';
import type { Gate } from './gate/gate.ts';
import type { RowCollector } from './row-collector.ts';
import type { UnseenAttributes } from './unseen-attributes.ts';

/** Without the version no release can be told from the one before, without the instance no replica from another. */
const wantedKeys = ['service.version', 'service.instance.id'];

/** What all rows of a resource and scope share, gated and encoded once per group. */
export class GroupRows {
  readonly resource = new ByteWriter(1_024);
  readonly scope = new ByteWriter(256);
  readonly resourcePayload = new PayloadWriter();
  readonly scopePayload = new PayloadWriter();
  service = unknownService;
  readonly #unseen: UnseenAttributes;
  #resourceSequence = 0;
  #scopeSequence = 0;
  /** What every row of the group has to warn of. */
  #resourceWarnings: CleanUp[] = [];
  #scopeWarnings: CleanUp[] = [];
  /** Keys that the resource should have. */
  #missingKeys: readonly string[] = [];

  constructor(unseen: UnseenAttributes) {
    this.#unseen = unseen;
  }

  /** Text repaired in this object's own buffers, so far. */
  get repairs(): number {
    return this.resource.repairs + this.scope.repairs;
  }

  /** Call for each row, before anything else: encodes when the cursor has reached another group. */
  follow(cursor: ProducerCursor, gate: Gate, rows: RowCollector): void {
    if (cursor.scopeSequence === this.#scopeSequence) return;
    if (cursor.resourceSequence !== this.#resourceSequence) this.#encodeResource(cursor, gate, rows);
    this.#resourceSequence = cursor.resourceSequence;
    this.#scopeSequence = cursor.scopeSequence;
    this.#scopeWarnings = [];
    const list = cursor.scopeAttributes;
    this.scopePayload.clear();
    gate.keepIn(this.scopePayload, payloadPlaces.scopeAttribute);
    this.#filter(list, 'scope', gate, rows);
    this.scope.clear();
    const repairs = this.scope.repairs;
    encodeScope(this.scope, cursor);
    this.#note(this.#scopeWarnings, rows, 'utf8_repaired', this.scope.repairs - repairs);
    this.#note(this.#scopeWarnings, rows, 'attributes_over_limit', list.leftOut);
  }

  /** Puts what was corrected in resource and scope on the current row. */
  warn(rows: RowCollector): void {
    for (const key of this.#missingKeys) rows.notes.add('resource_missing', key, 1);
    for (const kind of this.#resourceWarnings) rows.warn(kind);
    for (const kind of this.#scopeWarnings) rows.warn(kind);
  }

  /** Call when another request begins. */
  forget(): void {
    this.#resourceSequence = 0;
    this.#scopeSequence = 0;
  }

  #encodeResource(cursor: ProducerCursor, gate: Gate, rows: RowCollector): void {
    const list = cursor.resourceAttributes;
    const index = list.indexOf(list.keys.internText('service.name'));
    const name =
      index >= 0 && list.types[index] === attributeTypes.string ? (list.value(index) as string) : '';
    this.service = name === '' ? unknownService : name;
    rows.notes.setService(this.service);
    this.#missingKeys = wantedKeys.filter((key) => list.indexOf(list.keys.internText(key)) < 0);
    this.#resourceWarnings = [];
    this.#note(this.#resourceWarnings, rows, 'service_name_missing', name === '' ? 1 : 0);
    this.resourcePayload.clear();
    gate.keepIn(this.resourcePayload, payloadPlaces.resourceAttribute);
    this.#filter(list, 'resource', gate, rows);
    this.resource.clear();
    const repairs = this.resource.repairs;
    encodeResource(this.resource, cursor, this.service);
    this.#note(this.#resourceWarnings, rows, 'utf8_repaired', this.resource.repairs - repairs);
    this.#note(this.#resourceWarnings, rows, 'attributes_over_limit', list.leftOut);
  }

  #filter(list: AttributeList, level: 'resource' | 'scope', gate: Gate, rows: RowCollector): void {
    gate.filter(list, kindOf(list, elementKinds.ordinary));
    if (gate.counts.total > 0) rows.countContent(this.service, gate.counts.total);
    gate.counts.mark(list);
    this.#unseen.note(list, level);
  }

  #note(warnings: CleanUp[], rows: RowCollector, kind: CleanUp, count: number): void {
    if (count === 0) return;
    warnings.push(kind);
    rows.count(kind, count);
  }
}
