import { z } from 'zod';

/** Every shape that has a name, for the OpenAPI document. */
export const shapes = z.registry<{ readonly id: string }>();

/** A schema under its name in `shapes`. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema, description?: string): Schema {
  const described = description === undefined ? schema : schema.describe(description);
  shapes.add(described, { id });
  return described;
}

/** What an answer holds: nothing else is in it. */
export function shape<Fields extends z.core.$ZodLooseShape>(fields: Fields) {
  return z.strictObject(fields).readonly();
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}
