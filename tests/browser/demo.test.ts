import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/launch-browser.ts';
import { send, spansRequest } from '../support/otlp.ts';
import { services } from '../support/ports.ts';
import { type RunningSystem, startSystem } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * A person's way: ask in the chat, follow the link, find the slow step, read its log lines. Everything is found by
 * the role and name that a screen reader would say.
 */

let system: RunningSystem;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const traceCall = /\/api\/v1\/traces\/[0-9a-f]{32}$/;
/** What the pages complained about. */
let complaints: string[];

beforeAll(async () => {
  [browser, system] = await Promise.all([launchBrowser(), startSystem({ demo: true })]);
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

beforeEach(async () => {
  complaints = [];
  // High enough that every row of a trace is on screen: rows out of sight are not in the page.
  context = await browser.newContext({ viewport: { width: 1280, height: 1800 } });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    // A trace that is still on its way is asked for again.
    const isEarly = message.text().includes('404') && traceCall.test(message.location().url);
    if (message.type() === 'error' && !isEarly) complaints.push(message.text());
  });
  page = await context.newPage();
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

describe('from a question to its slow step', () => {
  it('leads from the chat to a trace of six services, to a span, to its log line, and back', async () => {
    await page.goto(system.gateway);
    await page.getByRole('textbox', { name: 'Your message' }).fill('What is the status of order 1042?');
    await page.getByRole('button', { name: 'Send' }).click();
    const turn = page.getByRole('list', { name: 'Conversation' }).getByRole('listitem');
    await turn.getByText('has been shipped').waitFor();
    const link = turn.getByRole('link', { name: /^trace / });
    const traceId = (await link.getAttribute('href'))?.slice(-32) ?? '';
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    const [tracePage] = await Promise.all([page.waitForEvent('popup'), link.click()]);

    await tracePage.getByRole('heading', { level: 1, name: /api-gateway.*POST \/chat/ }).waitFor();
    const rows = tracePage.getByRole('treegrid', { name: 'Spans' }).getByRole('row');
    // Spans that are still on their way show up without a reload.
    await waitFor('rows of all six services', async () => {
      const texts = await rows.allTextContents();
      return services.every((service) => texts.some((text) => text.startsWith(service)));
    });
    for (const step of [
      'handle_message',
      'classify_intent',
      /execute_tool/,
      'retrieve_context',
      'generate_response',
      'retrieve_documents',
      'generate_embedding',
      'vector_search',
      'rerank',
      /chat spanwise-offline-1/,
    ]) {
      await rows.filter({ hasText: step }).first().waitFor();
    }
    // One tree: a single row without a parent.
    await waitFor('one tree', async () => (await levels(rows)).filter((level) => level === '1').length === 1);
    await tracePage.getByText(/of [\d.]+\s\S+ in llm-proxy › chat spanwise-offline-1/).waitFor();

    await rows.getByRole('link', { name: /handle_message/ }).click();
    const panel = tracePage.getByRole('complementary', { name: 'Span' });
    await panel.getByRole('heading', { level: 2, name: 'handle_message' }).waitFor();
    await panel.getByText('session.id').waitFor();
    expect(new URL(tracePage.url()).searchParams.get('span')).toMatch(/^[0-9a-f]{16}$/);

    const server = rows.getByRole('link', { name: /rag-retrieval POST \/retrieve/ });
    await server.click();
    await panel.getByRole('tab', { name: /^Logs/ }).click();
    await panel.getByRole('listitem').filter({ hasText: 'request done' }).waitFor();

    await tracePage.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Logs/ }).click();
    const line = tracePage
      .getByRole('listitem')
      .filter({ hasText: 'rag-retrieval' })
      .filter({ hasText: 'request done' });
    const back = line.getByRole('link', { name: 'POST /retrieve' });
    await back.first().click();
    await panel.getByRole('heading', { level: 2, name: 'POST /retrieve' }).waitFor();
    expect(new URL(tracePage.url()).pathname).toBe(`/trace/${traceId}`);
    expect(await rows.and(tracePage.locator('[aria-selected=true]')).allTextContents()).toEqual([
      expect.stringContaining('POST /retrieve'),
    ]);
  });

  it('finds traces by service, operation and duration', async () => {
    await page.goto(system.ui);
    const form = page.getByRole('form', { name: 'Search traces' });
    await form.getByLabel('Service').fill('api-gateway');
    await form.getByLabel('Operation').fill('POST /chat');
    await form.getByLabel('Min duration').fill('1ms');
    await form.getByRole('button', { name: 'Find traces' }).click();
    const results = page.getByRole('table').getByRole('row').filter({ hasText: 'POST /chat' });
    await waitFor('the three turns', async () => (await results.count()) >= 3);

    await form.getByLabel('Min duration').fill('1h');
    await form.getByLabel('Min duration').press('Enter');
    await waitFor('no result', async () => (await results.count()) === 0);

    await form.getByLabel('Min duration').fill('');
    await form.getByLabel('Min duration').press('Enter');
    await results
      .first()
      .getByRole('link', { name: /api-gateway.*POST \/chat/ })
      .click();
    await page.getByRole('treegrid', { name: 'Spans' }).waitFor();
  });

  it('takes a filter as text, with help on the way, and finds what the API finds by it', async () => {
    await page.goto(`${system.ui}/search`);
    const filter = page.getByRole('combobox', { name: 'Filter' });
    const facets = page.getByRole('complementary', { name: 'Values to narrow by' });
    await facets.getByRole('button', { name: /^llm-proxy/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('servi');
    await page.getByRole('option', { name: /^service service/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('= llm');
    await page.getByRole('option', { name: /^llm-proxy/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('and staus = error');
    expect(await page.getByLabel('Service').inputValue()).toBe('llm-proxy');
    await page.getByText('no field staus at column 27; did you mean status?').waitFor();
    await page.getByRole('button', { name: 'Use status' }).click();
    expect(await filter.inputValue()).toBe('service = "llm-proxy" and status = error');
    await page.getByLabel('Status').selectOption('Any');
    await filter.press('Escape');
    await filter.press('Enter');
    await page.waitForURL(({ searchParams }) => searchParams.get('filter') === 'service = "llm-proxy"');

    await facets.getByRole('button', { name: /^rag-retrieval/ }).click();
    const text = 'service in ("llm-proxy", "rag-retrieval")';
    await page.waitForURL(({ searchParams }) => searchParams.get('filter') === text);
    await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click();
    await page
      .getByRole('columnheader', { name: 'Duration' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor();
    const query = new URLSearchParams({ filter: text, lookback: '1h', order: 'duration', limit: '50' });
    const found = (await (await fetch(`${system.ui}/api/v1/search/traces?${query}`)).json()) as {
      traces: { traceId: string }[];
    };
    const links = page.getByRole('region', { name: 'Traces' }).getByRole('row').getByRole('link');
    await waitFor('the same traces in the same order', async () => {
      const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      return paths.join() === found.traces.map(({ traceId }) => `/trace/${traceId}`).join();
    });

    await page.getByRole('navigation', { name: 'Show' }).getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('link', { name: 'llm-proxy' }).first().click();
    await page.getByRole('region', { name: 'Spans' }).getByRole('link').first().click();
    await page.getByRole('complementary', { name: 'Span' }).waitFor();
  });

  it('turns the pages of the server, and tells of spans that come late', async () => {
    const sent = spansRequest('paged', (tracer) => {
      for (let turn = 0; turn < 60; turn += 1) tracer.startSpan('turn', { root: true }).end();
    });
    await send(system.otlpHttp, sent);
    await page.goto(`${system.ui}/search?filter=${encodeURIComponent('service = "paged"')}`);
    await page.getByRole('heading', { name: '60 traces' }).waitFor();
    const links = page.getByRole('region', { name: 'Traces' }).getByRole('row').getByRole('link');
    expect(await links.count()).toBe(50);
    await page.getByRole('button', { name: 'More' }).click();
    await waitFor('all of them', async () => (await links.count()) === 60);
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(new Set(paths)).toEqual(new Set(sent.ids.map((id) => `/trace/${id.slice(0, 32)}`)));

    await links.first().click();
    await page.getByRole('treegrid', { name: 'Spans' }).waitFor();
    const traceId = page.url().slice(-32);
    const spanId = sent.ids.find((id) => id.startsWith(traceId))!.slice(33);
    const root = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
    await send(
      system.otlpHttp,
      spansRequest('paged', (tracer) => tracer.startSpan('late', {}, root).end()),
    );
    await page.getByText('1 late span put in').waitFor();
    await page.getByRole('treegrid', { name: 'Spans' }).getByText('late').waitFor();
  });

  it('leads from the services to the traces of an operation, and from a log line to its span', async () => {
    await page.goto(`${system.ui}/services`);
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await page.getByRole('link', { name: 'llm-proxy', exact: true }).click();
    await page.getByRole('button', { name: 'p99' }).first().click();
    await page.getByRole('link', { name: /^chat spanwise-offline-1 client/ }).click();
    await page.getByRole('table').getByRole('row').filter({ hasText: 'POST /chat' }).first().waitFor();
    expect(new URL(page.url()).searchParams.get('filter')).toBe(
      'service = "llm-proxy" and name = "chat spanwise-offline-1"',
    );

    await pages.getByRole('link', { name: 'Logs' }).click();
    const form = page.getByRole('form', { name: 'Search log lines' });
    await form.getByLabel('Service').fill('memory-store');
    await form.getByLabel('Text').fill('request DONE');
    await form.getByRole('button', { name: 'Find lines' }).click();
    const line = page.getByRole('listitem').filter({ hasText: 'memory-store' });
    await line.first().getByRole('link', { name: 'trace' }).click();
    const panel = page.getByRole('complementary', { name: 'Span' });
    await panel.getByRole('listitem').filter({ hasText: 'request done' }).first().waitFor();

    await page.goto(`${system.ui}/system`);
    await page
      .getByText(/received = [\d,]+ accepted/)
      .first()
      .waitFor();
  });

  it('shows a new trace without a reload', async () => {
    await page.goto(`${system.ui}/search?service=api-gateway&operation=${encodeURIComponent('POST /chat')}`);
    const results = page.getByRole('table').getByRole('row').filter({ hasText: 'POST /chat' });
    await results.first().waitFor();
    const before = await results.count();
    await fetch(`${system.gateway}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'What time is it in Tokyo?' }),
    });
    await waitFor('one more trace', async () => (await results.count()) === before + 1);
  });

  it('can be used by keyboard alone', async () => {
    await page.goto(lastTraceUrl());
    const grid = page.getByRole('treegrid', { name: 'Spans' });
    await grid.waitFor();
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Span' });
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('vector_search');
    await page.getByText(/^(1 of )?1$/).waitFor();
  });
});

describe('accessibility', () => {
  it.each([
    ['light', '/search?service=api-gateway'],
    ['dark', '/search?filter=status+%3D+unset&show=spans'],
    ['light', '/search?show=groups'],
    ['light', '/trace'],
    ['dark', '/trace'],
    ['light', '/services?service=llm-proxy'],
    ['light', '/compare'],
    ['dark', '/logs'],
    ['light', '/system'],
  ] as const)('has nothing to complain about in %s, %s', async (colorScheme, path) => {
    await page.emulateMedia({ colorScheme });
    if (path === '/trace') {
      await page.goto(lastTraceUrl());
      await page.getByRole('treegrid', { name: 'Spans' }).getByRole('row').nth(5).click();
      await page.getByRole('complementary', { name: 'Span' }).getByText('service.name').waitFor();
    } else if (path === '/compare') {
      await page.goto(lastTraceUrl());
      await page.getByRole('link', { name: 'Compare' }).click();
      await page.getByRole('link', { name: 'its typical trace' }).click();
      await page.getByRole('region', { name: 'Span by span' }).getByRole('row').nth(5).waitFor();
      await page.getByText(/ in all/).waitFor();
    } else {
      await page.goto(`${system.ui}${path}`);
      await page.locator('main :is(table, li, dl)').first().waitFor();
    }
    expect(await findViolations(page)).toEqual([]);
  });
});

function levels(rows: Locator): Promise<(string | null)[]> {
  return rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-level')));
}

/** Of the conversation that `npm start` had. */
function lastTraceUrl(): string {
  return [...system.process.output().matchAll(/^http:\S+\/trace\/[0-9a-f]{32}$/gm)].at(-1)?.[0] ?? '';
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rule and place of everything that breaks WCAG 2.2 A and AA. */
async function findViolations(target: Page): Promise<readonly string[]> {
  // Not as a script tag, which the page's content security policy would refuse.
  await target.evaluate(axe);
  return target.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { target: unknown[] }[] }[] }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await checker.run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target: at }) => at.join(' ')).join(', ')}`,
    );
  });
}
