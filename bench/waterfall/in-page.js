// Runs in the trace page: `measure-trace-page.ts` evaluates this file there.

/** Moves the waterfall in every frame; gives the time between frames, ms, and the number of name rows. */
globalThis.moveForFrames = async (movement, frameCount) => {
  const grid = document.querySelector('[role=treegrid]');
  const box = grid.getBoundingClientRect();
  const at = { clientX: box.left + 900, clientY: box.top + 200 };
  const gaps = [];
  let last = await new Promise((resolve) => requestAnimationFrame(resolve));
  for (let frame = 0; frame < frameCount; frame++) {
    if (movement === 'scroll') grid.scrollTop += 137;
    else if (movement === 'jump') grid.scrollTop = ((frame * 7_919) % 1_000) * (grid.scrollHeight / 1_000);
    else {
      const deltaY = frame < frameCount / 2 ? -40 : 40;
      grid.dispatchEvent(
        new WheelEvent('wheel', { ctrlKey: true, deltaY, ...at, bubbles: true, cancelable: true }),
      );
    }
    const now = await new Promise((resolve) => requestAnimationFrame(resolve));
    gaps.push(now - last);
    last = now;
  }
  return { gaps, rows: grid.querySelectorAll('[role=row]').length };
};

/** From the click on "Collapse" to the frame after it, ms. */
globalThis.collapseToFrame = async () => {
  const button = [...document.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Collapse',
  );
  const start = performance.now();
  button.click();
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return Math.round(performance.now() - start);
};

/** Chromium only. */
globalThis.heapMegabytes = () => Math.round((performance.memory?.usedJSHeapSize ?? 0) / 1e6);
