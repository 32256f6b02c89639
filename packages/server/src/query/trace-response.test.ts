import { describe, expect, it } from 'vitest';
import { traceResponseOf } from './trace-response.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

describe('traceresponse', () => {
  it.each([
    ['sampled', `00-${id}-${parent}-01`, '00'],
    ['with a random id', `00-${id}-${parent}-03`, '02'],
    ['of a later version', `cc-${id}-${parent}-01-more`, '00'],
  ])("stays in the caller's trace: %s", (_, header, flags) => {
    const [version, traceId, childId, ...rest] = traceResponseOf(header).split('-');
    expect([version, traceId, ...rest]).toEqual(['00', id, flags]);
    expect(childId).toMatch(/^[0-9a-f]{16}$/);
    expect(childId).not.toBe(parent);
  });

  it.each([
    ['none', undefined],
    ['text', 'x'],
    ['an id of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['a parent of zeros', `00-${id}-${'0'.repeat(16)}-01`],
    ['more in version 00', `00-${id}-${parent}-01-more`],
    ['version ff', `ff-${id}-${parent}-01`],
    ['upper case', `00-${id.toUpperCase()}-${parent}-01`],
  ])('is of a new trace where the caller has %s', (_, header) => {
    const response = traceResponseOf(header);
    expect(response).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
    expect(response).not.toContain(id);
  });
});
