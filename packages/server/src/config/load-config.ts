import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { didYouMean } from '@spanwise/model';
import { parse as parseYaml } from 'yaml';
import { readJaegerUi } from '../query/jaeger-ui.ts';
import { readStrategies } from '../sampling/strategies-file.ts';
import { ConfigError } from './config-error.ts';
import {
  type ConfigKey,
  configKeys,
  configSchema,
  optionNameOf,
  optionTextOf,
  type SpanwiseConfig,
  variableNameOf,
} from './config-schema.ts';
import { defaultDataDir } from './default-data-dir.ts';
import { readPrices } from './read-prices.ts';

export interface ConfigSources {
  /** By key; values as on the command line. `config` is the path of a file. */
  readonly flags: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A value and where an operator wrote it. */
interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/**
 * Flag before variable before file before default. Reads the file named by `--config` or `SPANWISE_CONFIG`, and
 * the content key.
 * Errors: `ConfigError` for the first key or value that is wrong.
 */
export function loadConfig(sources: ConfigSources): SpanwiseConfig {
  const given = new Map<ConfigKey, Given>();
  const file = findConfigFile(sources);
  if (file !== undefined) for (const [key, value] of readConfigFile(file)) given.set(key, value);
  for (const [key, value] of readVariables(sources.env)) given.set(key, value);
  for (const key of configKeys) {
    const value = sources.flags[key];
    if (value !== undefined) given.set(key, { value, origin: `--${optionNameOf(key)}` });
  }
  const parsed = configSchema.parse(
    Object.fromEntries(configKeys.map((key) => [key, checkedValue(key, given.get(key), sources.env)])),
  );
  const { samplingPort, samplingFile, storagePasswordFile, prices: pricesFile, ...others } = parsed;
  const sampling = samplingOf(samplingPort, samplingFile, given);
  const prices = pricesOf(pricesFile, given.get('prices'));
  const config = { ...others, prices, ...(sampling === undefined ? {} : { sampling }) };
  const dataDir = resolve(config.dataDir);
  const contentKey = readContentKey(
    config.content,
    config.contentKeyFile,
    dataDir,
    given.get('contentKeyFile'),
  );
  checkUiDir(config.uiDir, given.get('uiDir'));
  checkPortsDiffer(config, given);
  const storage = withPassword(config.storage, storagePasswordFile, given.get('storagePasswordFile'));
  return { ...config, dataDir, storage, ...(contentKey === undefined ? {} : { contentKey }) };
}

/** A port without strategies would answer nothing that anybody asked for. */
function samplingOf(
  port: number,
  file: string | undefined,
  given: ReadonlyMap<ConfigKey, Given>,
): SpanwiseConfig['sampling'] {
  if (file === undefined) {
    const origin = given.get('samplingPort')?.origin;
    if (origin === undefined) return undefined;
    throw new ConfigError(`${origin}: of no use without --sampling-file, which says what to answer.`);
  }
  try {
    readStrategies(file);
    return { port, file };
  } catch (error) {
    throw new ConfigError(
      `${given.get('samplingFile')?.origin}: ${file} is not usable: ${firstLine(error)}\nAllowed: ${optionTextOf('samplingFile').allowed}.`,
      { cause: error },
    );
  }
}

function checkUiDir(folder: string | undefined, given: Given | undefined): void {
  if (folder === undefined) return;
  try {
    readJaegerUi(folder);
  } catch (error) {
    throw new ConfigError(
      `${given?.origin}: ${folder} is not usable: ${firstLine(error)}\nAllowed: ${optionTextOf('uiDir').allowed}.`,
      { cause: error },
    );
  }
}

function pricesOf(file: string | undefined, given: Given | undefined): SpanwiseConfig['prices'] {
  if (file === undefined) return [];
  try {
    return readPrices(file);
  } catch (error) {
    throw new ConfigError(
      `${given?.origin}: ${file} is not usable: ${firstLine(error)}\nAllowed: ${optionTextOf('prices').allowed}.`,
      { cause: error },
    );
  }
}

function withPassword(
  storage: SpanwiseConfig['storage'],
  file: string | undefined,
  given: Given | undefined,
): SpanwiseConfig['storage'] {
  if (file === undefined) return storage;
  if (storage === 'embedded' || storage.password !== '') {
    const why = storage === 'embedded' ? 'there is no server' : 'the address has a password already';
    throw new ConfigError(
      `${given?.origin}: of no use, because ${why}.\nAllowed: ${optionTextOf('storagePasswordFile').allowed}.`,
    );
  }
  try {
    return { ...storage, password: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    throw new ConfigError(`${given?.origin}: ${file} can't be read: ${firstLine(error)}`, { cause: error });
  }
}

/** The value as written, or the default as written; throws when the schema refuses it. */
function checkedValue(key: ConfigKey, given: Given | undefined, env: ConfigSources['env']): unknown {
  const value = given?.value ?? defaultOf(key, env);
  const text = optionTextOf(key);
  if (configSchema.shape[key].safeParse(value).success) return value;
  throw new ConfigError(
    `${given?.origin ?? key}: ${text.isSecret ? 'the value' : shown(value)} is not usable.\nAllowed: ${text.allowed}.${
      text.default === undefined ? '' : `\nDefault: ${text.default}.`
    }`,
  );
}

function defaultOf(key: ConfigKey, env: ConfigSources['env']): unknown {
  if (key === 'dataDir') return defaultDataDir(process.platform, env, homedir());
  const text = optionTextOf(key);
  return text.default ?? (text.isList ? [] : undefined);
}

function readVariables(env: ConfigSources['env']): Map<ConfigKey, Given> {
  const byName = new Map(configKeys.map((key) => [variableNameOf(key), key]));
  const known = [...byName.keys(), 'SPANWISE_CONFIG'];
  const given = new Map<ConfigKey, Given>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('SPANWISE_') || value === undefined || value === '') continue;
    const key = byName.get(name);
    if (key !== undefined) {
      given.set(key, { value, origin: `variable ${name}` });
      continue;
    }
    // The prefix is shared with the SDK and with whoever starts us: only what looks like a slip is refused.
    const meant = known.includes(name) ? undefined : didYouMean(name, known);
    if (meant !== undefined) throw new ConfigError(`variable ${name}: not known. Did you mean ${meant}?`);
  }
  return given;
}

interface ConfigFile {
  readonly path: string;
  readonly origin: string;
}

function findConfigFile(sources: ConfigSources): ConfigFile | undefined {
  const flag = sources.flags.config;
  if (typeof flag === 'string') return { path: flag, origin: '--config' };
  const variable = sources.env.SPANWISE_CONFIG;
  return variable ? { path: variable, origin: 'variable SPANWISE_CONFIG' } : undefined;
}

/** YAML 1.2, of which JSON is a part. Paths in the file are relative to the file. */
function readConfigFile(file: ConfigFile): Map<ConfigKey, Given> {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file.path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file.origin}: ${file.path} can't be read: ${firstLine(error)}`, {
      cause: error,
    });
  }
  if (content === null) return new Map();
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(`${file.path}: expected keys and values, such as \`otlp-grpc-port: 4317\``);
  }
  const byName = new Map(configKeys.map((key) => [optionNameOf(key), key]));
  const given = new Map<ConfigKey, Given>();
  for (const [name, value] of Object.entries(content)) {
    const key = byName.get(name);
    if (key === undefined) {
      const meant = didYouMean(name, [...byName.keys()]);
      throw new ConfigError(
        `${file.path}: key ${shown(name)} is not known. ${
          meant === undefined ? `Known keys: ${[...byName.keys()].join(', ')}.` : `Did you mean ${meant}?`
        }`,
      );
    }
    if (value === null || value === undefined) continue;
    const isPath = pathKeys.has(key) && typeof value === 'string';
    given.set(key, {
      value: isPath ? resolve(dirname(file.path), value) : value,
      origin: `${file.path}, key ${name}`,
    });
  }
  return given;
}

const pathKeys: ReadonlySet<ConfigKey> = new Set([
  'dataDir',
  'contentKeyFile',
  'samplingFile',
  'uiDir',
  'prices',
  'storagePasswordFile',
]);

function readContentKey(
  mode: string,
  file: string | undefined,
  dataDir: string,
  given: Given | undefined,
): Uint8Array | undefined {
  const allowed = `Allowed: ${optionTextOf('contentKeyFile').allowed}.`;
  if (mode !== 'hash') {
    if (file === undefined) return undefined;
    throw new ConfigError(`${given?.origin}: a key has no use with --content ${mode}.\n${allowed}`);
  }
  if (file === undefined) throw new ConfigError(`--content hash needs --content-key-file.\n${allowed}`);
  let key: Uint8Array;
  try {
    key = readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${given?.origin}: ${file} can't be read: ${firstLine(error)}`, { cause: error });
  }
  if (key.length < 16 || key.length > 4_096) {
    throw new ConfigError(`${given?.origin}: ${file} has ${key.length} bytes.\n${allowed}`);
  }
  if (isInside(realPath(dataDir), realPath(resolve(file)))) {
    throw new ConfigError(`${given?.origin}: ${file} lies in the data folder.\n${allowed}`);
  }
  return key;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${way.includes('\\') ? '\\' : '/'}`) && !isAbsolute(way);
}

/** With symbolic links followed as far as the path exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), relative(parent, path));
  }
}

function checkPortsDiffer(config: SpanwiseConfig, given: ReadonlyMap<ConfigKey, Given>): void {
  const byPort = new Map<number, ConfigKey>();
  for (const key of configKeys) {
    const port =
      key === 'samplingPort'
        ? config.sampling?.port
        : key.endsWith('Port') && config[key as keyof SpanwiseConfig];
    if (typeof port !== 'number' || port === 0) continue;
    const other = byPort.get(port);
    if (other !== undefined) {
      const origin = given.get(key)?.origin ?? `--${optionNameOf(key)}`;
      throw new ConfigError(
        `${origin}: port ${port} is taken by --${optionNameOf(other)}. Give each its own.`,
      );
    }
    byPort.set(port, key);
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}
