import { cpus } from 'node:os';
import { traceId } from '@spanwise/model';
import { encodeTraceRequest } from '@spanwise/otlp';
import { launchBrowser } from '../tests/support/launch-browser.ts';
import { startSystem } from '../tests/support/start-system.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { measureTracePage } from './waterfall/measure-trace-page.ts';
import { spansOfLargeTrace } from './waterfall/spans-of-large-trace.ts';

/*
 * The trace page with a small and a large trace in the same run: work per frame must not grow with the span count.
 * Real server, real storage, real browser. `node bench/waterfall.ts [spans of the large trace]`.
 */
const small = 2_000;
const large = Number(process.argv[2] ?? 100_000);
const spansPerRequest = 5_000;

await using system = await startSystem({ demo: false });
const browser = await launchBrowser();
const results = [];
for (const [index, spanCount] of [small, large].entries()) {
  const id = traceId(String(index + 1).padStart(32, '0'));
  const spans = spansOfLargeTrace(spanCount, id, Date.now());
  for (let from = 0; from < spans.length; from += spansPerRequest) {
    const response = await fetch(`${system.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: encodeTraceRequest(spans.slice(from, from + spansPerRequest)),
    });
    if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
  }
  const skeleton = `${system.ui}/api/v1/traces/${id}`;
  await waitFor('all spans', async () => {
    const { spanCount: stored } = (await (await fetch(skeleton)).json()) as { readonly spanCount?: number };
    return stored === spanCount;
  });
  const asked = performance.now();
  const bytes = (await (await fetch(skeleton)).arrayBuffer()).byteLength;
  const skeletonMillis = Math.round(performance.now() - asked);
  results.push({
    spanCount,
    skeletonMillis,
    skeletonBytes: bytes,
    ...(await measureTracePage(browser, `${system.ui}/trace/${id}`)),
  });
}
console.table(
  results.map(({ movements, ...rest }) => ({
    ...rest,
    ...Object.fromEntries(
      Object.entries(movements).flatMap(([name, figures]) => [
        [`${name} busy/frame`, figures.busyPerFrame],
        [`${name} frame p50`, figures.betweenFramesP50],
        [`${name} frame p95`, figures.betweenFramesP95],
        [`${name} rows`, figures.rows],
      ]),
    ),
  })),
);
console.log(
  JSON.stringify({
    node: process.version,
    browser: browser.version(),
    cores: cpus().length,
    cpu: cpus()[0]?.model,
    results,
  }),
);
await browser.close();
