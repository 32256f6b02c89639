import {
  agentSources,
  contentEventMetadataKeys,
  databaseSystemKeys,
  isAgentKey,
  isContentKey,
  isKnownKey,
  queryTextKeys,
  renamedKeys,
  resourceUriKeys,
  sideDoorKeys,
  stackKeys,
  urlKeys,
  urlQueryKeys,
} from '@spanwise/semconv';

/** What the gate does with the values of a key. In the lowest bits of a key's flags. */
export const gateActions = {
  keep: 0,
  /** Content: dropped or, by mode, hashed or kept. */
  content: 1,
  url: 2,
  urlQuery: 3,
  queryText: 4,
  /** Exception messages: debugging aids on services, content on agent spans. */
  sideDoor: 5,
  /** Ours: nobody else may write it. */
  reserved: 6,
  resourceUri: 7,
  /** Like a side door, but the frames may stay. */
  stack: 8,
} as const;

export const actionMask = 0b1111;
/** Some table names this key as metadata: its text may be long. */
export const knownFlag = 1 << 4;
/** Whoever carries this key is a step of an agent: see `isAgentKey`. */
export const agentFlag = 1 << 5;
export const databaseSystemFlag = 1 << 6;
/** May stay on an event that carries messages. */
export const eventMetadataFlag = 1 << 7;
/** Holds the name of a log event, from before records had a field for it. */
export const eventNameFlag = 1 << 8;
/** The conventions have renamed it: see `renamedKeys`. */
export const renamedFlag = 1 << 9;
/** From here on: index in `agentSources`, plus 1. */
export const sourceShift = 10;

/** Markers that tell, on the element itself, how many values did not stay as they were sent, and why. */
export const contentMarkers = {
  dropped: 'spanwise.content.dropped',
  /** Masked, or reduced to their length. */
  reduced: 'spanwise.content.reduced',
  /** Modes `hash` and `full`: kept apart from the row, as a hash or whole. */
  hashed: 'spanwise.content.hashed',
  kept: 'spanwise.content.kept',
  /** `content_key 2, url 1`: see `gateReasons`. */
  reasons: 'spanwise.content.reasons',
} as const;
const markerKeys: readonly string[] = Object.values(contentMarkers);

const sourceIndexes = new Map(agentSources.map((source, index) => [source.key, index]));

/** All that gate and normaliser ever want to know about a key: decided once per key, not per attribute. */
export function classifyKey(key: string): number {
  let flags = actionOf(key);
  const sourceIndex = sourceIndexes.get(key);
  if (sourceIndex !== undefined) flags |= (sourceIndex + 1) << sourceShift;
  if (isAgentKey(key)) flags |= agentFlag;
  if (isKnownKey(key)) flags |= knownFlag;
  if (databaseSystemKeys.includes(key)) flags |= databaseSystemFlag;
  if (key.startsWith('gen_ai.') || contentEventMetadataKeys.includes(key)) flags |= eventMetadataFlag;
  if (key === 'event.name') flags |= eventNameFlag;
  if (Object.hasOwn(renamedKeys, key)) flags |= renamedFlag;
  return flags;
}

function actionOf(key: string): number {
  if (markerKeys.includes(key)) return gateActions.reserved;
  if (isContentKey(key)) return gateActions.content;
  const lower = key.toLowerCase();
  if (urlKeys.includes(lower)) return gateActions.url;
  if (resourceUriKeys.includes(lower)) return gateActions.resourceUri;
  if (urlQueryKeys.includes(lower)) return gateActions.urlQuery;
  if (queryTextKeys.includes(lower)) return gateActions.queryText;
  if (sideDoorKeys.includes(lower)) return gateActions.sideDoor;
  if (stackKeys.includes(lower)) return gateActions.stack;
  return gateActions.keep;
}
