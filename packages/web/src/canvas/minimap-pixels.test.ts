import { buildTraceColumns, buildTree } from '@spanwise/analysis';
import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { minimapGrip, minimapPixels } from './minimap-pixels.ts';

describe('minimapPixels', () => {
  const columns = buildTraceColumns(
    drawTrace(`
      gateway  POST   |=======|
        tools  lookup     |==|   error
    `),
  );
  const pixels = minimapPixels({
    columns,
    order: buildTree(columns).order,
    matches: undefined,
    width: 9,
    height: 16,
    servicePixels: Uint32Array.from(columns.services, (_, index) => index + 1),
    errorPixel: 8,
    matchPixel: 9,
  });
  const picture = Array.from({ length: 16 }, (_, y) =>
    Array.from(pixels.subarray(y * 9, y * 9 + 9)).join(''),
  );

  it('draws each span as a line, and errors as ticks at the bottom', () => {
    expect(picture.filter((line) => line !== '000000000')).toEqual([
      ...Array.from({ length: 3 }, () => '111111111'),
      ...Array.from({ length: 3 }, () => '000022220'),
      ...Array.from({ length: 4 }, () => '000088000'),
    ]);
  });
});

describe('minimapGrip', () => {
  it('takes edges before the window, and begins anew outside', () => {
    expect([18, 40, 63, 80].map((x) => minimapGrip(x, 20, 60, 100))).toEqual([
      'start',
      'window',
      'end',
      'new',
    ]);
  });
  it('begins anew while all is shown', () => expect(minimapGrip(50, 0, 100, 100)).toBe('new'));
});
