import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/launch-browser.ts';
import { type RunningSystem, startSystem } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * Each page of an unchanged jaeger-ui on our APIs: JAEGER_UI_DIR names the folder of a build. docs/jaeger.md says
 * how it is served.
 *
 *   web      GET /ask     |====================|  server
 *     web    POST agent    |==================|   client
 *       agent  POST /run     |==============|     server
 *         model  POST /chat      |=====|          server, error in the second trace
 *         store  GET /doc               |==|      server, in the second trace only
 */
const uiDir = process.env.JAEGER_UI_DIR;
const why = uiDir === undefined ? ' (skipped: JAEGER_UI_DIR names no build of jaeger-ui)' : '';

const first = `${'a'.repeat(31)}1`;
const second = `${'a'.repeat(31)}2`;

let system: RunningSystem;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Errors of pages, and requests that failed or were refused. */
let complaints: string[];

function tracesToSend(): object {
  const start = BigInt(Date.now() - 60_000) * 1_000_000n;
  const resourceSpans: object[] = [];
  [first, second].forEach((traceId, trace) => {
    const span = (
      service: string,
      id: number,
      parent: number,
      name: string,
      kind: number,
      from: number,
      length: number,
      more: object = {},
    ) => {
      const startTime = start + BigInt(trace * 2_000 + from) * 1_000_000n;
      resourceSpans.push({
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId: String(id).padStart(16, '0'),
                ...(parent === 0 ? {} : { parentSpanId: String(parent).padStart(16, '0') }),
                name,
                kind,
                startTimeUnixNano: String(startTime),
                endTimeUnixNano: String(startTime + BigInt(length) * 1_000_000n),
                ...more,
              },
            ],
          },
        ],
      });
    };
    span('web', 1, 0, 'GET /ask', 2, 0, 200);
    span('web', 2, 1, 'POST agent', 3, 10, 180);
    span('agent', 3, 2, 'POST /run', 2, 30, 140);
    span('model', 4, 3, 'POST /chat', 2, 60, 50, trace === 1 ? { status: { code: 2 } } : {});
    if (trace === 1) span('store', 5, 3, 'GET /doc', 2, 130, 20);
  });
  return { resourceSpans };
}

describe.skipIf(uiDir === undefined)(`an unchanged jaeger-ui${why}`, () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      launchBrowser(),
      startSystem({ demo: false, args: ['--ui-dir', uiDir!] }),
    ]);
    const sent = await fetch(`${system.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(tracesToSend()),
    });
    expect(sent.status).toBe(200);
    await waitFor('settled traces', async () => {
      const response = await fetch(`${system.ui}/api/dependencies`);
      const { data } = (await response.json()) as { data: readonly unknown[] };
      return data.length === 3;
    });
  });

  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    context.on('weberror', (error) => complaints.push(error.error().message));
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    page = await context.newPage();
  });

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  it('searches, and opens a trace from the results', async () => {
    await page.goto(`${system.ui}/search?service=web&lookback=1h&limit=20`);
    await page.getByText('2 traces').waitFor();
    await page.getByText('web: GET /ask').first().click();
    await page.getByRole('button', { name: /Archive/ }).waitFor();
  });

  it('searches by an attribute', async () => {
    await page.goto(
      `${system.ui}/search?lookback=1h&limit=20&tags=${encodeURIComponent('{"error":"true"}')}&service=model`,
    );
    await page.getByText('1 trace', { exact: false }).first().waitFor();
  });

  it('shows a trace, and archives it', async () => {
    await page.goto(`${system.ui}/trace/${second}`);
    for (const name of ['POST /run', 'POST /chat', 'GET /doc']) await page.getByText(name).first().waitFor();
    const answer = page.waitForResponse((response) => response.url().includes('/api/archive/'));
    await page.getByRole('button', { name: /Archive/ }).click();
    expect((await answer).status()).toBe(200);
  });

  it('compares two traces', async () => {
    await page.goto(`${system.ui}/trace/${first}...${second}`);
    await page.getByText('VS').waitFor();
    for (const name of ['POST /run', 'GET /doc']) await page.getByText(name).first().waitFor();
  });

  it('draws who calls whom', async () => {
    await page.goto(`${system.ui}/dependencies`);
    for (const name of ['web', 'agent', 'model', 'store']) {
      await page.getByText(name, { exact: true }).first().waitFor();
    }
  });

  it('draws the paths through a service', async () => {
    await page.goto(`${system.ui}/deep-dependencies?service=agent&showOp=1`);
    for (const name of ['web', 'model', 'store'])
      await page.getByText(name, { exact: true }).first().waitFor();
  });

  it('monitors a service', async () => {
    await page.goto(`${system.ui}/monitor`);
    await page.getByText('Operations metrics under agent').waitFor();
    await page.getByRole('cell', { name: 'POST /run' }).waitFor();
  });

  it('judges the quality of traces', async () => {
    await page.goto(`${system.ui}/quality-metrics?service=agent`);
    await page.getByText('Of the newest 2 traces').waitFor();
    await page.getByText('The trace has a root').waitFor();
  });

  it('links to the JSON of a trace, and to our own UI', async () => {
    await page.goto(`${system.ui}/api/traces/${first}?prettyPrint=true`);
    expect(await page.locator('body').textContent()).toContain('"operationName": "POST /run"');
    await page.goto(`${system.ui}/search`);
    await page.getByRole('link', { name: 'Spanwise' }).click();
    await page.getByRole('heading', { name: 'Search traces' }).waitFor();
    await page.goto(`${system.ui}/spanwise/trace/${first}`);
    await page.getByRole('treegrid', { name: 'Spans' }).getByText('POST /run').waitFor();
  });
});
