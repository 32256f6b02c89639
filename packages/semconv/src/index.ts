/** Attribute keys, dialects, content keys. The parts are exported one by one. */
export { attributeKey, genAiOperation } from './attribute-keys.ts';
export {
  contentEventMetadataKeys,
  contentKeyPrefixes,
  isContentEvent,
  isContentKey,
  isGenAiEvent,
} from './content-keys.ts';
export {
  type AgentField,
  type AgentSource,
  agentSources,
  type Dialect,
  operationName,
  providerName,
} from './dialects.ts';
export { isKnownKey } from './known-keys.ts';
export { databaseSystemKeys, queryTextKeys, urlKeys, urlQueryKeys } from './masked-keys.ts';
