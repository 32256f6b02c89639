/**
 * Measures the trace page in a real browser and prints one JSON line:
 * `CHROME_PATH=… node packages/web/src/testing/measure-waterfall.ts <url of a trace page>`
 */
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
const executablePath = process.env.CHROME_PATH;
if (url === undefined || executablePath === undefined) {
  throw new Error('Give the URL of a trace page, and a Chrome or Chromium in CHROME_PATH.');
}
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });

const opened = performance.now();
await page.goto(url);
await page.locator('[role=row]').first().waitFor();
const firstRowMillis = Math.round(performance.now() - opened);
await page.waitForLoadState('networkidle').catch(() => undefined);
await page.waitForTimeout(1_000);

const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');

/** Seconds that the main thread was busy so far: script, style, layout, paint. */
async function busySeconds(): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

const frameCount = 180;

/** Time between frames, and how long the main thread works for each, while something moves in every frame. */
async function measure(action: 'scroll' | 'jump' | 'zoom') {
  const busyBefore = await busySeconds();
  const frames = await page.evaluate(moveForFrames, { action, frameCount });
  const busy = (await busySeconds()) - busyBefore;
  const at = (share: number) =>
    Math.round(frames.gaps.toSorted((a, b) => a - b)[Math.floor(frameCount * share)]! * 10) / 10;
  return {
    frameP50: at(0.5),
    frameP95: at(0.95),
    busyPerFrame: Math.round((busy * 10_000) / frameCount) / 10,
    rows: frames.rows,
  };
}

/** Runs in the page. */
async function moveForFrames({
  action,
  frameCount,
}: {
  readonly action: string;
  readonly frameCount: number;
}) {
  const grid = document.querySelector<HTMLElement>('[role=treegrid]')!;
  const gaps: number[] = [];
  const box = grid.getBoundingClientRect();
  let last = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
  for (let frame = 0; frame < frameCount; frame++) {
    if (action === 'scroll') grid.scrollTop += 137;
    else if (action === 'jump') grid.scrollTop = ((frame * 7_919) % 1_000) * (grid.scrollHeight / 1_000);
    else {
      const deltaY = frame < frameCount / 2 ? -40 : 40;
      const at = { clientX: box.left + 900, clientY: box.top + 200 };
      grid.dispatchEvent(
        new WheelEvent('wheel', { ctrlKey: true, deltaY, ...at, bubbles: true, cancelable: true }),
      );
    }
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    gaps.push(now - last);
    last = now;
  }
  return { gaps, rows: grid.querySelectorAll('[role=row]').length };
}

const longTask = async (selector: string) =>
  page.evaluate(async (name) => {
    const start = performance.now();
    document.querySelectorAll<HTMLButtonElement>('.trace-toolbar button').forEach((button) => {
      if (button.textContent === name) button.click();
    });
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return Math.round(performance.now() - start);
  }, selector);

const result = {
  firstRowMillis,
  scroll: await measure('scroll'),
  jump: await measure('jump'),
  zoom: await measure('zoom'),
  collapseAllMillis: await longTask('Collapse'),
  expandAllMillis: await longTask('Expand'),
  heapMegabytes: await page.evaluate(() =>
    Math.round(
      ((performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize ?? 0) / 1e6,
    ),
  ),
};
console.log(JSON.stringify(result));
await browser.close();
