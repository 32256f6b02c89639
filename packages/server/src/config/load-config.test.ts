import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { type ConfigSources, loadConfig } from './load-config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spanwise-config-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(sources: Partial<ConfigSources> = {}) {
  return loadConfig({ flags: {}, env: {}, ...sources });
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function errorOf(sources: Partial<ConfigSources>): string {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('loadConfig', () => {
  it('has the defaults of the documentation', () => {
    expect(load({ env: { XDG_DATA_HOME: '/data' } })).toEqual({
      dataDir: process.platform === 'linux' ? '/data/spanwise' : expect.any(String),
      fsync: 'always',
      retention: {
        tracesMillis: 14 * 86_400_000,
        logsMillis: 7 * 86_400_000,
        sizeBytes: 50e9,
        diskShare: 0.8,
      },
      storage: 'embedded',
      listen: '127.0.0.1',
      otlpGrpcPort: 4317,
      otlpHttpPort: 4318,
      queryPort: 16_686,
      queryGrpcPort: 16_685,
      healthPort: 13_133,
      metricsPort: 8_888,
      prices: [],
      content: 'none',
      corsOrigin: [],
      allowedHost: [],
    });
  });

  it.each([
    ['flag, variable and file', '1', '2', '3', 1],
    ['variable and file', undefined, '2', '3', 2],
    ['file', undefined, undefined, '3', 3],
    ['nothing', undefined, undefined, undefined, 16_686],
    ['flag and file', '1', undefined, '3', 1],
    ['an empty variable, which is none, and file', undefined, '', '3', 3],
  ])('takes the port from %s', (_, flag, variable, inFile, port) => {
    const config = file('c.yaml', inFile === undefined ? '' : `query-port: ${inFile}\n`);
    expect(
      load({ flags: { queryPort: flag, config }, env: { SPANWISE_QUERY_PORT: variable } }).queryPort,
    ).toBe(port);
  });

  it('reads lists from repeated flags, from text with commas and from a file', () => {
    expect(load({ flags: { allowedHost: ['a.example', 'B.example'] } }).allowedHost).toEqual([
      'a.example',
      'b.example',
    ]);
    expect(load({ env: { SPANWISE_CORS_ORIGIN: 'https://a.example, *' } }).corsOrigin).toEqual([
      'https://a.example',
      '*',
    ]);
    const config = file('c.json', JSON.stringify({ 'cors-origin': ['https://a.example:8443'] }));
    expect(load({ env: { SPANWISE_CONFIG: config } }).corsOrigin).toEqual(['https://a.example:8443']);
  });

  it('takes paths in a file as relative to the file', () => {
    const config = file('c.yaml', 'data-dir: spans\n');
    expect(load({ flags: { config } }).dataDir).toBe(join(folder, 'spans'));
  });

  it.each([
    ['a port that is no number', { flags: { queryPort: 'x' } }, '--query-port: "x" is not usable'],
    ['a port out of range', { env: { SPANWISE_METRICS_PORT: '65536' } }, 'variable SPANWISE_METRICS_PORT'],
    ['a mode that does not exist', { flags: { content: 'some' } }, 'none (dropped), strict'],
    ['an age without unit', { flags: { retention: 'traces=14' } }, 'traces=14d,logs=7d'],
    [
      'a Zipkin port that is taken',
      { flags: { zipkinPort: '4318' } },
      '--zipkin-port: port 4318 is taken by --otlp-http-port',
    ],
    ['a sampling port with nothing to say', { env: { SPANWISE_SAMPLING_PORT: '5778' } }, '--sampling-file'],
    [
      'strategies that are not there',
      { flags: { samplingFile: '/nowhere.json' } },
      '/nowhere.json is not usable',
    ],
    ['prices that are not there', { flags: { prices: '/nowhere.json' } }, '/nowhere.json is not usable'],
    ['a UI that is not there', { flags: { uiDir: '/nowhere-ui' } }, '--ui-dir: /nowhere-ui is not usable'],
    ['an origin with a path', { flags: { corsOrigin: ['https://a.example/x'] } }, '--cors-origin'],
    ['a host with a port', { flags: { allowedHost: ['a.example:80'] } }, '--allowed-host'],
    ['a misspelt variable', { env: { SPANWISE_QUERYPORT: '1' } }, 'Did you mean SPANWISE_QUERY_PORT?'],
    ['one port for two', { flags: { queryPort: '4317' } }, 'port 4317 is taken by --otlp-grpc-port'],
    ['hash without key', { flags: { content: 'hash' } }, 'needs --content-key-file'],
    ['a key without hash', { flags: { contentKeyFile: 'x' } }, 'a key has no use with --content none'],
    [
      'a file that is not there',
      { flags: { config: '/nowhere.yaml' } },
      "--config: /nowhere.yaml can't be read",
    ],
  ] as const)('refuses %s and says where it stands', (_, sources, message) => {
    expect(errorOf(sources)).toContain(message);
  });

  it.each([
    ['query-prot: 1', 'Did you mean query-port?'],
    ['colour: red', 'Known keys: data-dir, retention'],
    ['- 1', 'expected keys and values'],
    ['query-port: [1]', 'c.yaml, key query-port'],
    ['a: {', "can't be read"],
  ])('refuses the file %j', (content, message) => {
    const config = file('c.yaml', content);
    expect(errorOf({ flags: { config } })).toContain(message);
  });

  it('lets variables of others with our prefix pass', () => {
    expect(() => load({ env: { SPANWISE_UI_URL: 'http://localhost' } })).not.toThrow();
  });

  it('reads the key of mode hash, and keeps it out of the data folder', () => {
    const contentKeyFile = file('key', 'k'.repeat(32));
    const flags = { content: 'hash', contentKeyFile };
    expect(load({ flags: { ...flags, dataDir: join(folder, 'data') } }).contentKey).toHaveLength(32);
    expect(errorOf({ flags: { ...flags, dataDir: folder } })).toContain('lies in the data folder');
    expect(errorOf({ flags: { ...flags, contentKeyFile: file('short', 'k') } })).toContain('has 1 bytes');
    const dataDir = join(folder, 'data-with-key');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'key'), 'k'.repeat(32));
    symlinkSync(join(dataDir, 'key'), join(folder, 'link'));
    const linked = { ...flags, contentKeyFile: join(folder, 'link'), dataDir };
    expect(errorOf({ flags: linked })).toContain('lies in the data folder');
  });
});

describe('the file of prices', () => {
  const load1 = (content: unknown) =>
    load({ flags: { prices: file('prices.json', JSON.stringify(content)) } });

  it('names providers and models, one or several', () => {
    const rates = { input: 1, cachedInput: 0.1, cacheWrite: 1.5, output: 2, reasoning: 3 };
    const prices = [
      { model: 'house', ...rates },
      {
        provider: ['Acme', 'acme.eu'],
        model: ['a', 'b'],
        from: '2026-03-01',
        ...rates,
        above: { inputTokens: 9, input: 2 },
      },
    ];
    expect(load1({ currency: 'USD', prices }).prices).toEqual([
      { providers: [], models: ['house'], ...rates },
      {
        providers: ['acme', 'acme.eu'],
        models: ['a', 'b'],
        from: '2026-03-01',
        ...rates,
        above: { inputTokens: 9, input: 2 },
      },
    ]);
  });

  const row = { model: 'm', input: 1 };
  it.each([
    [{ prices: [{ ...row, input: '1' }] }, 'prices.0.input: '],
    [{ prices: [{ ...row, input: -1 }] }, 'prices.0.input: '],
    [{ prices: [row, { input: 1 }] }, 'prices.1.model: expected a name or a list of names'],
    [{ prices: [{ ...row, outptu: 1 }] }, 'prices.0.outptu: not known'],
    [{ prices: [{ ...row, from: 'March' }] }, 'prices.0.from: '],
    [{ prices: [{ ...row, above: { input: 1 } }] }, 'prices.0.above.inputTokens: '],
    [{ prices: [row, row] }, 'prices.1.model: has a price of that day already'],
    [{ currency: 'EUR', prices: [] }, 'currency: '],
    [{}, 'prices: '],
  ])('%j is refused by its key', (content, key) => {
    const prices = file('prices.json', JSON.stringify(content));
    expect(errorOf({ flags: { prices } })).toContain(`--prices: ${prices} is not usable: ${key}`);
  });

  it('is JSON', () => {
    expect(errorOf({ flags: { prices: file('prices.json', 'model: m') } })).toContain('is not usable');
  });
});

describe('the storage server', () => {
  const address = { hosts: [{ host: 'h', port: 8123 }], secure: false, username: 'me', database: 'db' };

  it('has its password from the address or from a file', () => {
    const secret = file('password', 'corr€ct horse\n');
    expect(load({ flags: { storage: 'clickhouse://me:p@h/db' } }).storage).toEqual({
      ...address,
      password: 'p',
    });
    expect(
      load({ flags: { storage: 'clickhouse://me@h/db' }, env: { SPANWISE_STORAGE_PASSWORD_FILE: secret } })
        .storage,
    ).toEqual({ ...address, password: 'corr€ct horse' });
  });

  it.each([
    [{ storage: 'clickhouse://me:horse@h:x/db' }, '--storage: the value is not usable'],
    [{ storage: 'postgres://me:horse@h/db' }, '--storage: the value is not usable'],
    [
      { storage: 'clickhouse://me:horse@h/db', storagePasswordFile: '/x' },
      'the address has a password already',
    ],
    [{ storagePasswordFile: '/x' }, 'there is no server'],
    [{ storage: 'clickhouse://me@h/db', storagePasswordFile: '/nowhere/x' }, "/nowhere/x can't be read"],
  ])('%j is refused, and no password repeated', (flags, message) => {
    const error = errorOf({ flags });
    expect(error).toContain(message);
    expect(error).not.toContain('horse');
  });

  it('is refused from a variable and a file without a word of it', () => {
    const storage = 'clickhouse//me:horse@h';
    const config = file('config.yaml', `storage: ${storage}\n`);
    for (const sources of [{ env: { SPANWISE_STORAGE: storage } }, { flags: { config } }]) {
      expect(errorOf(sources)).toContain('the value is not usable');
      expect(errorOf(sources)).not.toContain('horse');
    }
  });
});
