import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** A full collection, now. What waits for one runs a turn later. */
export const collectGarbage: () => void = runInNewContext('gc');
