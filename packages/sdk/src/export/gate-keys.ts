import {
  isAgentKey,
  isContentKey,
  isKnownKey,
  type PathEnds,
  queryTextKeys,
  resourceUriKeys,
  sideDoorKeys,
  stackKeys,
  urlKeys,
  urlQueryKeys,
} from '@spanwise/semconv';

export type KeyRule =
  | 'keep'
  | 'drop'
  | 'drop on agent spans'
  | 'reduce stack on agent spans'
  | 'reduce long text on agent spans'
  | 'mask URL'
  | 'mask resource URI'
  | 'mask query'
  | 'mask query text';

/** All that the gate wants to know about a key. */
interface KeyVerdict {
  readonly rule: KeyRule;
  readonly isAgentKey: boolean;
}

/** Keys come from code, so they are few; a bound all the same, for a library that puts data into keys. */
const MAX_REMEMBERED_KEYS = 4096;
const rememberedVerdicts = new Map<string, KeyVerdict>();

export function verdictOn(key: string): KeyVerdict {
  let verdict = rememberedVerdicts.get(key);
  if (verdict === undefined) {
    verdict = { rule: findRule(key), isAgentKey: isAgentKey(key) };
    if (rememberedVerdicts.size < MAX_REMEMBERED_KEYS) rememberedVerdicts.set(key, verdict);
  }
  return verdict;
}

/** Of a key inside a map: alone or behind the path to it. Content wins; otherwise the first name with a rule. */
export function ruleBehind(key: string, ends: PathEnds): KeyRule {
  let found: KeyRule = 'reduce long text on agent spans';
  for (const end of ends) {
    const { rule } = verdictOn(end + key);
    if (rule === 'drop') return rule;
    if (found === 'reduce long text on agent spans') found = rule;
  }
  return found;
}

/** True where a key of an agent's step stands among the attributes. */
export function hasAgentKey(attributes: object): boolean {
  for (const key in attributes) if (verdictOn(key).isAgentKey) return true;
  return false;
}

function findRule(key: string): KeyRule {
  if (isContentKey(key)) return 'drop';
  const lower = key.toLowerCase();
  if (sideDoorKeys.includes(lower)) return 'drop on agent spans';
  if (stackKeys.includes(lower)) return 'reduce stack on agent spans';
  if (urlKeys.includes(lower)) return 'mask URL';
  if (resourceUriKeys.includes(lower)) return 'mask resource URI';
  if (urlQueryKeys.includes(lower)) return 'mask query';
  if (queryTextKeys.includes(lower)) return 'mask query text';
  return isKnownKey(key) ? 'keep' : 'reduce long text on agent spans';
}
