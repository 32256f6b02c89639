/** Half of a SHA-256: enough to tell all users of the world apart. */
const PSEUDONYM_BYTES = 16;

let processKey: Uint8Array | undefined;

/**
 * A stable pseudonym, 32 hex digits, keyed by `SPANWISE_USER_ID_KEY` or, without it, by a key of this process:
 * a bare hash of an address can be guessed. Absent where the runtime has no `node:crypto`: then nothing is
 * told rather than the id itself.
 */
export function pseudonymOf(userId: string): string | undefined {
  // An import would keep the package from loading in runtimes without it.
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined) return undefined;
  const configured = globalThis.process.env.SPANWISE_USER_ID_KEY;
  processKey ??= crypto.randomBytes(32);
  return crypto
    .createHmac('sha256', configured || processKey)
    .update(userId)
    .digest('hex')
    .slice(0, PSEUDONYM_BYTES * 2);
}
