import { ParameterError } from './parsing.ts';
import { readInteger } from './search-parameters.ts';

/** The last moment of a JavaScript date. (ECMA-262, time values.) */
const maxMillis = 8_640_000_000_000_000n;

/** Absence: undefined for none. @throws ParameterError */
export function readMillis(query: URLSearchParams, name: string): number | undefined {
  const millis = readInteger(query, name);
  if (millis === undefined) return undefined;
  if (millis <= 0n || millis > maxMillis) {
    throw new ParameterError(`unable to parse param '${name}': expecting a number of milliseconds`);
  }
  return Number(millis);
}
