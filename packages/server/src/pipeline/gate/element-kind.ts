import type { AttributeList } from '@spanwise/model';
import { agentFlag } from '../key-flags.ts';

/** How an element is looked at. */
export const elementKinds = {
  /** Side doors stay: people debug with exception messages. */
  ordinary: 0,
  /** Of a step of an agent: side doors are reduced. */
  agent: 1,
  /** An event that exists to carry messages: only known metadata stays. */
  contentEvent: 2,
} as const;
export type ElementKind = (typeof elementKinds)[keyof typeof elementKinds];

/** An element with that list on an element of kind `outer`: whoever carries an agent's key is a step of an agent. */
export function kindOf(list: AttributeList, outer: ElementKind): ElementKind {
  if (outer !== elementKinds.ordinary) return outer;
  const flags = list.keys.flags;
  let all = list.leftOutFlags;
  for (let index = 0; index < list.count; index += 1) all |= flags[list.keyIds[index]!]!;
  return (all & agentFlag) === 0 ? elementKinds.ordinary : elementKinds.agent;
}
