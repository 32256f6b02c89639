/** Attribute keys, dialects, content keys. The parts are exported one by one. */
export { attributeKey, genAiOperation } from './attribute-keys.ts';
