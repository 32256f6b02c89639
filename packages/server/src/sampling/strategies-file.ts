import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import { parseStrategies, type SamplingStrategies } from './strategies.ts';

/** @throws Error for a file that can't be read, is too large, or is not Jaeger's format. */
export function readStrategies(file: string): SamplingStrategies {
  const maxBytes = limits.samplingFileBytes.value;
  const { size } = statSync(file);
  if (size > maxBytes) throw new Error(`${size} bytes are more than ${maxBytes}`);
  return parseStrategies(readFileSync(file, 'utf8'));
}

/** The strategies of a file that may change while we run. A change that makes it unusable is told once and ignored. */
export class StrategiesFile {
  readonly #file: string;
  readonly #logger: Logger;
  #strategies: SamplingStrategies;
  #version: string | undefined;

  /** @throws Error as {@link readStrategies}. */
  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
    this.#strategies = readStrategies(file);
    this.#version = this.#currentVersion();
  }

  /** Looks at the file's time, and reads it if that is another one. Clients ask once a minute, so it may be synchronous. */
  current(): SamplingStrategies {
    const version = this.#currentVersion();
    if (version === this.#version) return this.#strategies;
    this.#version = version;
    try {
      this.#strategies = readStrategies(this.#file);
      this.#logger.info({ file: this.#file }, 'sampling strategies read again');
    } catch (error) {
      this.#logger.warn(
        { file: this.#file, err: error },
        'sampling strategies are not usable; the last ones stay',
      );
    }
    return this.#strategies;
  }

  #currentVersion(): string | undefined {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    return stats === undefined ? undefined : `${stats.mtimeMs} ${stats.size}`;
  }
}
