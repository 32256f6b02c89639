import { type AttributeList, type AttributeValue, attributeTypeOf } from '@spanwise/model';
import { formatAttributeText, writeTyped } from './attributes.ts';
import { ByteWriter } from './byte-writer.ts';

/** Where a value that is kept apart belongs to: the first number of each element of `payload`. */
export const payloadPlaces = {
  /** Attribute of the span or log record. */
  attribute: 0,
  eventAttribute: 1,
  linkAttribute: 2,
  resourceAttribute: 3,
  scopeAttribute: 4,
  statusMessage: 5,
  body: 6,
} as const;
export type PayloadPlace = (typeof payloadPlaces)[keyof typeof payloadPlaces];

/** Elements of the column `payload` of one row. Reused. */
export class PayloadWriter {
  readonly bytes = new ByteWriter(256);
  count = 0;
  #place: PayloadPlace = payloadPlaces.attribute;
  #position = 0;

  clear(): void {
    if (this.count === 0) return;
    this.count = 0;
    this.bytes.clear();
  }

  /** What is added from now on belongs there; `position` counts events or links from 0. */
  at(place: PayloadPlace, position = 0): void {
    this.#place = place;
    this.#position = position;
  }

  get place(): PayloadPlace {
    return this.#place;
  }

  /** The attribute at `index`, as it stands in the list. */
  addFrom(list: AttributeList, index: number): void {
    this.#begin(list.key(index));
    writeTyped(this.bytes, list, index);
  }

  add(key: string, value: AttributeValue): void {
    this.#begin(key);
    this.bytes.uint8(attributeTypeOf(value));
    this.bytes.string(formatAttributeText(value));
  }

  /** A value that is no attribute and that a row has once. */
  addAt(place: PayloadPlace, value: AttributeValue): void {
    const [before, position] = [this.#place, this.#position];
    this.at(place);
    this.add('', value);
    this.at(before, position);
  }

  #begin(key: string): void {
    this.count += 1;
    this.bytes.uint8(this.#place);
    this.bytes.uint32(this.#position);
    this.bytes.string(key);
  }
}

/** The column itself: the elements of all `parts`. */
export function encodePayload(writer: ByteWriter, parts: readonly PayloadWriter[]): void {
  let count = 0;
  for (const part of parts) count += part.count;
  writer.varint(count);
  if (count === 0) return;
  for (const part of parts) if (part.count > 0) writer.append(part.bytes);
}
