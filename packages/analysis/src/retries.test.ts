import { nanosPerMilli } from '@spanwise/model';
import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, findRetries } from './index.ts';

function retries(drawing: string): string[] {
  const columns = buildTraceColumns(drawTrace(drawing));
  return findRetries(columns, buildTree(columns)).map(
    ({ service, name, rows, succeeded, lostNanos }) =>
      `${service} › ${name}: ${rows.length} attempts, ${lostNanos / nanosPerMilli} ms lost, ${succeeded ? 'then it worked' : 'given up'}`,
  );
}

describe('retries', () => {
  it('are failures of one step, one after the other', () =>
    expect(
      retries(`
        proxy  POST /v1       |==========================|
         proxy chat gpt-4o     |==|                        error
         proxy chat gpt-4o         |====|                  error
         proxy chat gpt-4o                |=====|
         proxy other                       |=|             error
      `),
    ).toEqual(['proxy › chat gpt-4o: 3 attempts, 11 ms lost, then it worked']));

  it('may all fail', () =>
    expect(
      retries(`
        proxy  POST /v1       |====================|  error
         proxy chat gpt-4o     |==|                   error
         proxy chat gpt-4o          |==|              error
      `),
    ).toEqual(['proxy › chat gpt-4o: 2 attempts, 5 ms lost, given up']));

  it.each([
    [
      'calls at once',
      `
        a  x   |==========|
         a y    |====|      error
         a y      |====|
      `,
    ],
    [
      'a call after one that worked',
      `
        a  x   |==========|
         a y    |==|
         a y        |==|    error
      `,
    ],
    [
      'different steps',
      `
        a  x   |==========|
         a y    |==|        error
         a z        |==|
      `,
    ],
  ])('are not %s', (_, drawing) => expect(retries(drawing)).toEqual([]));
});
