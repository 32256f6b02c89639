import { contentKeyPrefixes } from './content-keys.ts';
import {
  queryTextKeys,
  resourceUriKeys,
  sideDoorKeys,
  stackKeys,
  urlKeys,
  urlQueryKeys,
} from './masked-keys.ts';

/*
 * Senders write `gen_ai.prompt` as an attribute, or nest it: `{"gen_ai": {"prompt": …}}`, under whatever name
 * the outer map has. So a key in a map counts alone and behind each end of the path that leads to it.
 */

/** What may stand before a key in a map to make a name that some table knows: ends of paths, each with its dot. */
export type PathEnds = readonly string[];

/** Outside of any map. */
export const noPathEnds: PathEnds = [''];

/** Every beginning of a table's entry that stops before a dot: `gen_ai`, `gen_ai.input`, … */
const openings = new Set(
  [
    ...contentKeyPrefixes,
    ...urlKeys,
    ...resourceUriKeys,
    ...urlQueryKeys,
    ...queryTextKeys,
    ...sideDoorKeys,
    ...stackKeys,
  ].flatMap((entry) => {
    const parts = entry.split('.');
    return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);
const maxOpeningLength = Math.max(...[...openings].map((opening) => opening.length));

/**
 * The path ends of a map that is the value of `key`, which itself stands behind `ends`. Only those that some
 * entry begins with are followed, so there are few of them however deep the map is: mostly one, the empty end.
 */
export function pathEndsBehind(key: string, ends: PathEnds): PathEnds {
  let found: string[] | undefined;
  const add = (candidate: string) => {
    if (candidate.length > maxOpeningLength || !openings.has(candidate.toLowerCase())) return;
    found ??= [''];
    found.push(`${candidate}.`);
  };
  for (const end of ends) add(end + key);
  const tail = key.slice(-maxOpeningLength - 1);
  for (let dot = tail.indexOf('.'); dot >= 0; dot = tail.indexOf('.', dot + 1)) add(tail.slice(dot + 1));
  return found ?? noPathEnds;
}
