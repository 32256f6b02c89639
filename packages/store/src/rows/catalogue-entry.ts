import type { AttributeType } from '@spanwise/model';

/** Where an attribute stands; `log`: on a log record itself. */
export type AttributeLevel = 'span' | 'resource' | 'scope' | 'event' | 'link' | 'log';

/** Of all tenants, for each decode worker: a sender that makes up keys must not fill the memory with them. */
export const catalogueKeysPerDay = 10_000;

/** What the catalogue learns of an attribute. The same may be told any number of times. */
export interface CatalogueEntry {
  /** `tooMany`: the values of this key are not listed. */
  readonly kind: 'key' | 'value' | 'tooMany';
  readonly level: AttributeLevel;
  readonly key: string;
  readonly type: AttributeType;
  /** Of kind `value`: its text form. */
  readonly value?: string;
}
