/** The rows part of the store's surface, for decode workers: loads no engine. */
export { columnsOf, type Signal, schemaVersion, structureOf } from '../schema/columns.ts';
export { patchRows } from './patch-rows.ts';
