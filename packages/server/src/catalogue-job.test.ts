import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attributes, Resource, Span } from '@spanwise/model';
import { encodeTraceRequest } from '@spanwise/otlp';
import { type CatalogueEntry, createEmbeddedEngine, openStore, type Store } from '@spanwise/store';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CatalogueJob, startCatalogueJob } from './catalogue-job.ts';
import { limits } from './limits.ts';
import { RequestDecoder } from './pipeline/request-decoder.ts';
import { attributes, day, now, span } from './pipeline/testing/decode.ts';

let folder: string;
let store: Store;
let job: CatalogueJob;
/** Each test has a tenant of its own. */
let tenant = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-catalogue-'));
  store = await openStore({ engine: await createEmbeddedEngine({ dataDir: folder }) });
  job = await startCatalogueJob({
    store,
    directory: join(folder, 'catalogue'),
    clock: () => now,
    logger: pino({ level: 'silent' }),
  });
}, 60_000);

afterAll(async () => {
  await job.close();
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const newDecoder = (contentMode: 'none' | 'full' = 'none') =>
  new RequestDecoder({ contentMode, retentionMillis: { spans: 30 * day, logs: 30 * day } });

function decode(
  decoder: RequestDecoder,
  of: readonly Attributes[],
  receivedAtMillis = now,
): readonly CatalogueEntry[] {
  const spans = of.map((list) => span({ attributes: list }));
  const result = decoder.decode({
    signal: 'spans',
    encoding: 'protobuf',
    body: encodeTraceRequest(spans),
    tenant,
    receivedAtMillis,
  });
  if (result.kind !== 'rows') throw new Error('not decoded');
  return result.unseen.filter(({ level }) => level === 'span');
}

const values = (key: string, prefix = '') => store.attributeValues(tenant, key, { prefix, limit: 2_000 });
const keys = async (prefix: string) =>
  (await store.attributeKeys(tenant, { prefix, limit: 100 })).map((key) => [key.key, key.level, key.values]);

describe('flaws of instrumentation', () => {
  const range = { startMillis: now - day, endMillis: now + 1 };
  const decoded = (decoder: RequestDecoder, spans: readonly Span[]) => {
    const result = decoder.decode({
      signal: 'spans',
      encoding: 'protobuf',
      body: encodeTraceRequest(spans),
      tenant,
      receivedAtMillis: now,
    });
    if (result.kind !== 'rows') throw new Error('not decoded');
    return result.notes;
  };
  const resourceWith = (keys: Readonly<Record<string, string>>): Resource => ({
    serviceName: keys['service.name'] ?? '',
    attributes: attributes(keys),
    schemaUrl: '',
    droppedAttributesCount: 0,
  });
  const whole = { 'service.name': 'shop', 'service.version': '1', 'service.instance.id': 'a' };

  it.each([
    ['nothing', { resource: resourceWith(whole) }, []],
    [
      'a resource without a version',
      { resource: resourceWith({ 'service.name': 'shop', 'service.instance.id': 'a' }) },
      [['resource_missing', 'service.version', 1]],
    ],
    [
      'content',
      { attributes: attributes({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': 'canary' }) },
      [['content', '', 1]],
    ],
    [
      'a key of old',
      { attributes: attributes({ 'http.method': 'GET', 'http.request.method': 'GET' }) },
      [['old_key', 'http.method', 1]],
    ],
    ['what its SDK left out', { droppedEventsCount: 3 }, [['dropped_by_sdk', 'events', 1]]],
    ['no name', { name: '' }, [['corrected', 'span_name_missing', 1]]],
    [
      'too many attributes',
      {
        attributes: attributes(
          Object.fromEntries(
            Array.from({ length: limits.attributesPerElement.value + 1 }, (_, n) => [`k${n}`, 'v']),
          ),
        ),
      },
      [['over_limit', 'attributes', 1]],
    ],
  ] as const)('are seen in %s', (_, fields, flaws) => {
    tenant = 6;
    const notes = decoded(newDecoder(), [span({ resource: resourceWith(whole), ...fields })]);
    expect(notes.map(({ what, detail, count }) => [what, detail, count])).toEqual(flaws);
    for (const { service, traceId } of notes) {
      expect([service, traceId]).toEqual(['shop', span({}).traceId]);
    }
  });

  it('blame nobody for content that an operator keeps', () => {
    const asked = attributes({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': 'hello' });
    const spans = [span({ resource: resourceWith(whole), attributes: asked })];
    expect(decoded(newDecoder('full'), spans)).toEqual([]);
  });

  it('are added up by service, with an example and since when', async () => {
    tenant = 7;
    const old = span({ resource: resourceWith(whole), attributes: attributes({ 'db.system': 'pg' }) });
    const bare = span({ resource: resourceWith({ 'service.name': 'bare' }) });
    job.note(tenant, decoded(newDecoder(), [old, old, bare]));
    await job.flush();
    job.note(tenant, decoded(newDecoder(), [old]));
    await job.flush();
    const found = await store.flaws(tenant, range, 10);
    const common = { firstMillis: now, lastMillis: now, traceId: old.traceId };
    expect(found).toEqual([
      { service: 'bare', what: 'resource_missing', detail: 'service.instance.id', count: 1, ...common },
      { service: 'bare', what: 'resource_missing', detail: 'service.version', count: 1, ...common },
      { service: 'shop', what: 'old_key', detail: 'db.system', count: 3, ...common },
    ]);
    expect(await store.flaws(tenant, range, 1)).toHaveLength(1);
    expect(await store.flaws(tenant, { startMillis: 0, endMillis: now - 2 * 3_600_000 }, 10)).toEqual([]);
    expect(await store.flaws(8, range, 10)).toEqual([]);
  });
});

describe('the catalogue of attributes', () => {
  it('tells keys with their levels and types, and values of keys with few of them', async () => {
    tenant = 1;
    const decoder = newDecoder();
    job.add(
      tenant,
      decode(decoder, [
        attributes({ 'shop.tier': 'gold', 'shop.count': 3n, 'shop.ok': true, 'shop.ratio': 0.5 }),
        attributes({ 'shop.tier': 'base', 'shop.count': 'three' }),
      ]),
    );
    await job.flush();
    expect(await keys('shop.')).toEqual([
      ['shop.count', 'span', 'listed'],
      ['shop.ok', 'span', 'listed'],
      ['shop.ratio', 'span', 'none'],
      ['shop.tier', 'span', 'listed'],
    ]);
    expect(await values('shop.tier')).toEqual(['base', 'gold']);
    expect(await values('shop.tier', 'g')).toEqual(['gold']);
    expect(await values('shop.count')).toEqual(['3', 'three']);
    expect(await store.attributeValues(2, 'shop.tier', { limit: 10 })).toEqual([]);
  });

  it('does not tell again what was told today, and tells it again tomorrow', () => {
    tenant = 3;
    const decoder = newDecoder();
    const list = attributes({ again: 'and again' });
    expect(decode(decoder, [list, list]).map(({ kind }) => kind)).toEqual(['key', 'value']);
    expect(decode(decoder, [list])).toEqual([]);
    expect(decode(decoder, [list], now + day).map(({ kind }) => kind)).toEqual(['key', 'value']);
  });

  it('gives up the values of a key that has too many, whichever worker has seen them', async () => {
    tenant = 4;
    const decoder = newDecoder();
    const many = Array.from({ length: limits.catalogueValues.value + 1 }, (_, n) =>
      attributes({ 'order.id': `o-${n}` }),
    );
    job.add(tenant, decode(decoder, many));
    await job.flush();
    expect(decode(decoder, [attributes({ 'order.id': 'another' })])).toEqual([]);
    expect(await keys('order.')).toEqual([['order.id', 'span', 'tooMany']]);
    expect(await values('order.id')).toEqual([]);
  });

  it.each(['none', 'full'] as const)('holds no content in mode %s', (mode) => {
    tenant = 5;
    const canary = 'canary';
    const told = decode(newDecoder(mode), [
      attributes({
        'gen_ai.operation.name': 'chat',
        'gen_ai.prompt': canary,
        'gen_ai.input.messages': canary,
        'exception.message': canary,
        'url.full': `http://host/?q=${canary}`,
        'db.query.text': `SELECT '${canary}'`,
        notes: `a sentence with more than four words and a ${canary}`,
      }),
      attributes({ notes: `on a plain span a sentence with a ${canary}`, 'exception.message': canary }),
    ]);
    expect(told.map(({ value }) => value ?? '').join()).not.toContain(canary);
    expect(told.some(({ key }) => key === 'gen_ai.operation.name')).toBe(true);
  });
});
