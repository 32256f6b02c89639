/** Configuration that can't be used. The message names the key, where it came from, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
