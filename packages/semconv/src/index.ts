/** Attribute keys, dialects, content keys. The parts are exported one by one. */
export { agentKeyPrefixes, isAgentKey } from './agent-keys.ts';
export { attributeKey, genAiOperation, modelOperations } from './attribute-keys.ts';
export { contentKey } from './content-attributes.ts';
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
export { isLongText, longText, reducedText } from './long-text.ts';
export { maskQueryText } from './mask-query-text.ts';
export { maskQuery, maskResourceUri, maskUrl } from './mask-url.ts';
export {
  databaseSystemKeys,
  queryTextKeys,
  resourceUriKeys,
  sideDoorKeys,
  stackKeys,
  urlKeys,
  urlQueryKeys,
} from './masked-keys.ts';
export { noPathEnds, type PathEnds, pathEndsBehind } from './nested-keys.ts';
export { renamedKeys } from './old-keys.ts';
export { reduceStack } from './reduce-stack.ts';
