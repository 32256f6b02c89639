import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

const inPage = readFileSync(new URL('in-page.js', import.meta.url), 'utf8');

const frameCount = 180;

type Movement = 'scroll' | 'jump' | 'zoom';

/** Milliseconds, but for `rows` (name rows in the document) and the heap. */
export interface TracePageFigures {
  readonly firstRow: number;
  readonly movements: Readonly<Record<Movement, MovementFigures>>;
  readonly collapseAll: number;
  readonly heapMegabytes: number;
}

interface MovementFigures {
  readonly betweenFramesP50: number;
  readonly betweenFramesP95: number;
  /** Main thread: script, style, layout, paint. */
  readonly busyPerFrame: number;
  readonly rows: number;
}

/** Opens a trace page in a window of 1280 × 800 and moves it in every frame. */
export async function measureTracePage(browser: Browser, url: string): Promise<TracePageFigures> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const opened = performance.now();
  await page.goto(url);
  await page.getByRole('treegrid').getByRole('row').first().waitFor();
  const firstRow = performance.now() - opened;
  // The critical path comes in a second answer; measure when both are drawn.
  await page.getByRole('region', { name: 'Answer' }).getByText('critical path').first().waitFor();
  await page.evaluate(inPage);
  const figures: TracePageFigures = {
    firstRow: Math.round(firstRow),
    movements: {
      scroll: await measureMovement(page, 'scroll'),
      jump: await measureMovement(page, 'jump'),
      zoom: await measureMovement(page, 'zoom'),
    },
    collapseAll: await page.evaluate('collapseToFrame()'),
    heapMegabytes: await page.evaluate('heapMegabytes()'),
  };
  await page.close();
  return figures;
}

async function measureMovement(page: Page, movement: Movement): Promise<MovementFigures> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busySeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  const busyBefore = await busySeconds();
  const { gaps, rows } = await page.evaluate<{ gaps: number[]; rows: number }>(
    `moveForFrames('${movement}', ${frameCount})`,
  );
  const busy = (await busySeconds()) - busyBefore;
  await session.detach();
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number) => oneDigit(sorted[Math.floor(frameCount * share)]!);
  return {
    betweenFramesP50: at(0.5),
    betweenFramesP95: at(0.95),
    busyPerFrame: oneDigit((busy * 1_000) / frameCount),
    rows,
  };
}

function oneDigit(value: number): number {
  return Math.round(value * 10) / 10;
}
