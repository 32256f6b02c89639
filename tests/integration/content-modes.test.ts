import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Logger, ROOT_CONTEXT, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import type { SpanDto } from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { logsRequest, send, spansRequest } from '../support/otlp.ts';
import { contains, type FolderSearch, searchDataFolder } from '../support/search-data-folder.ts';
import { startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * `--content strict`, `hash` and `full` from the socket to the disk and back. (`none` is in canary.test.ts.) What
 * is kept is in the payload tables and in the details of a span, and nowhere else.
 */

const content = {
  prompt: 'canaryprompt',
  nested: 'canarynested',
  event: 'canaryevent',
  exception: 'canaryexception',
  status: 'canarystatus',
  log: 'canarylog',
};
/** Side doors of a plain service: `strict` alone closes them. */
const debugging = { error: 'canaryerror', note: 'canarynote' };
/** Masked in every mode. */
const masked = { query: 'canaryquery', literal: 'canaryliteral' };
const control = 'canarycontrol';
const large = 'x'.repeat(100_000);

interface Outcome {
  readonly agent: SpanDto;
  readonly plain: SpanDto;
  readonly logs: string;
  /** Lists, searches, skeletons: all that is no detail of a span or record. */
  readonly overviews: string;
  readonly output: string;
  readonly search: FolderSearch;
}

const keyFolder = temporaryFolder('content-key');
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  const keyFile = path.join(keyFolder, 'key');
  writeFileSync(keyFile, 'a key of more than sixteen bytes');
  await Promise.all(
    (['strict', 'hash', 'full'] as const).map(async (mode) => {
      outcomes.set(mode, await run(mode === 'hash' ? [mode, '--content-key-file', keyFile] : [mode]));
    }),
  );
});

afterAll(() => rmSync(keyFolder, { recursive: true }));

async function run([mode, ...args]: readonly [string, ...string[]]): Promise<Outcome> {
  const dataDir = temporaryFolder(`content-${mode}`);
  const system = await startSystem({ demo: false, dataDir, args: ['--content', mode, ...args] });
  let read: Omit<Outcome, 'search' | 'output'>;
  try {
    let traceId = '';
    await send(
      system.otlpHttp,
      spansRequest('shop', (tracer) => {
        traceId = recordSpans(tracer);
      }),
    );
    await send(
      system.otlpHttp,
      logsRequest('shop', (logger) => emitLogs(logger, traceId)),
    );
    const api = createApiClient(system.ui);
    await waitFor('spans and logs to be stored', async () => {
      const skeleton = await api.skeleton(traceId);
      return skeleton?.spanIds.length === 2 && (await api.logs(traceId)).length === 2;
    });
    const spans = await api.spans(traceId);
    const overviews = [
      `/api/v1/traces/${traceId}`,
      `/api/v1/traces/${traceId}/analysis`,
      '/api/v1/traces?service=shop',
      '/api/v1/operations?service=shop',
      '/api/v1/status',
      '/api/services',
    ];
    read = {
      agent: spans.find(({ name }) => name === 'chat')!,
      plain: spans.find(({ name }) => name === 'pay')!,
      logs: JSON.stringify(await api.logs(traceId)),
      overviews: (await Promise.all(overviews.map((url) => api.text(url)))).join('\n'),
    };
  } finally {
    await system.stop();
  }
  const markers = [content, debugging, masked, { control }].flatMap((group) => Object.values(group));
  const search = await searchDataFolder(dataDir, markers);
  rmSync(dataDir, { recursive: true });
  return { ...read, output: system.process.output(), search };
}

function recordSpans(tracer: Tracer): string {
  const agent = tracer.startSpan('chat', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': content.prompt,
      wrap: { gen_ai: { prompt: content.nested } },
      'url.full': `http://shop/?q=${masked.query}`,
      'app.note': control,
      'app.large': large,
    },
  });
  agent.addEvent('gen_ai.user.message', { role: 'user', content: content.event });
  agent.recordException(new Error(`no such thing as ${content.exception}`));
  agent.setStatus({ code: 2, message: `no such thing as ${content.status}` });
  const plain = tracer.startSpan(
    'pay',
    {
      attributes: {
        'db.query.text': `SELECT '${masked.literal}'`,
        'app.large': large,
        note: `more than four words about ${debugging.note}`,
      },
    },
    trace.setSpan(ROOT_CONTEXT, agent),
  );
  plain.recordException(new Error(`the card of ${debugging.error}`));
  plain.end();
  agent.end();
  return agent.spanContext().traceId;
}

function emitLogs(logger: Logger, traceId: string): void {
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: '00f067aa0ba902b7',
    traceFlags: TraceFlags.SAMPLED,
  });
  logger.emit({ eventName: 'gen_ai.user.message', body: { content: content.log }, context });
  logger.emit({ body: `line about ${control}`, context });
}

const outcomeOf = (mode: string): Outcome => outcomes.get(mode)!;
const placesOf = ({ search }: Outcome, marker: string) => search.found.get(marker)!;
const tablesOf = (outcome: Outcome, marker: string) =>
  placesOf(outcome, marker).filter((place) => place.startsWith('table '));
const detailsOf = ({ agent, plain, logs }: Outcome) => JSON.stringify([agent, plain]) + logs;
const textOf = (span: SpanDto, key: string) =>
  span.attributes.find((attribute) => attribute.key === key)?.value;

describe.each(['strict', 'hash', 'full'])('--content %s', (mode) => {
  it('keeps what is no content, and large values whole', () => {
    const outcome = outcomeOf(mode);
    expect(outcome.search.files).toBeGreaterThan(10);
    expect(outcome.search.tables).toBeGreaterThan(5);
    expect(tablesOf(outcome, control)).toEqual(
      expect.arrayContaining(['table spanwise.spans', 'table spanwise.logs']),
    );
    expect(textOf(outcome.agent, 'app.note')).toEqual({ type: 'string', value: control });
    // Under an unknown key of an agent: long, so content. On the plain span it is only large.
    expect(textOf(outcome.agent, 'app.large')).toEqual({ type: 'string', value: expectedLarge[mode] });
    expect(textOf(outcome.plain, 'app.large')).toEqual({
      type: 'string',
      value: mode === 'strict' ? reduced : large,
    });
    expect(outcome.agent.warnings).toEqual([]);
  });

  it.each(Object.values(masked))('has %s nowhere', (marker) => {
    const outcome = outcomeOf(mode);
    expect(placesOf(outcome, marker)).toEqual([]);
    expect(contains(detailsOf(outcome) + outcome.overviews + outcome.output, marker)).toBe(false);
  });

  it.each(Object.values(content))('has %s in no overview, log line or table that is searched', (marker) => {
    const outcome = outcomeOf(mode);
    expect(contains(outcome.overviews + outcome.output, marker)).toBe(false);
    const payload = marker === content.log ? 'table spanwise.log_payload' : 'table spanwise.span_payload';
    expect(tablesOf(outcome, marker)).toEqual(mode === 'full' ? [payload] : []);
    if (mode !== 'full') expect(placesOf(outcome, marker)).toEqual([]);
  });

  it.each(Object.values(content))(`shows %s where mode full keeps it, and there alone`, (marker) => {
    expect(contains(detailsOf(outcomeOf(mode)), marker)).toBe(mode === 'full');
  });

  it('closes the side doors of plain services when it is strict', () => {
    const outcome = outcomeOf(mode);
    for (const marker of Object.values(debugging)) {
      expect(contains(JSON.stringify(outcome.plain), marker)).toBe(mode !== 'strict');
      if (mode === 'strict') expect(placesOf(outcome, marker)).toEqual([]);
    }
  });
});

const reduced = '[reduced: 100000 bytes]';
const hashed = /^\[hmac-sha256: [0-9a-f]{64}, \d+ bytes\]$/;
const expectedLarge: Readonly<Record<string, unknown>> = {
  strict: reduced,
  hash: expect.stringMatching(hashed),
  full: large,
};

it('hash shows keyed hashes with lengths', () => {
  const { agent, logs } = outcomeOf('hash');
  expect(textOf(agent, 'gen_ai.input.messages')).toEqual({
    type: 'string',
    value: expect.stringMatching(hashed),
  });
  expect(agent.statusMessage).toMatch(hashed);
  expect(agent.events[1]?.attributes).toContainEqual({
    key: 'exception.message',
    value: { type: 'string', value: expect.stringMatching(hashed) },
  });
  expect(logs).toContain('[hmac-sha256: ');
});
