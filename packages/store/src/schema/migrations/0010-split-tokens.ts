import { attributeTokens } from '../attribute-tokens.ts';
import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

const spans = `ALTER TABLE ${database}.spans`;

/**
 * An index over several columns makes each merge sort all of these row by row; one over a single column does not.
 * Text attributes differ from span to span, so their tokens are made from them; the rest is small or repeats, so
 * a column of them costs next to nothing.
 */
export const splitTokens: Migration = {
  id: 10,
  name: 'a text index for each of two columns',
  statements: [
    `${spans} DROP INDEX IF EXISTS attribute_text`,
    `${spans} DROP COLUMN IF EXISTS attribute_tokens`,
    `${spans} ADD COLUMN IF NOT EXISTS string_tokens Array(String) ALIAS ${attributeTokens.string}`,
    `${spans} ADD COLUMN IF NOT EXISTS other_tokens Array(LowCardinality(String)) MATERIALIZED ${attributeTokens.other}`,
    `${spans} ADD INDEX IF NOT EXISTS string_text string_tokens TYPE text(tokenizer = 'array')`,
    `${spans} ADD INDEX IF NOT EXISTS other_text other_tokens TYPE text(tokenizer = 'array')`,
    `${spans} MATERIALIZE COLUMN other_tokens`,
    `${spans} MATERIALIZE INDEX string_text`,
    `${spans} MATERIALIZE INDEX other_text`,
  ],
};
