import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, findErrorCause } from './index.ts';

function cause(drawing: string): string | undefined {
  const columns = buildTraceColumns(drawTrace(drawing));
  const found = findErrorCause(columns, buildTree(columns));
  return found && `${found.service} › ${found.name} (${found.rows.length} deep)`;
}

describe('the cause of a failed request', () => {
  it('is the deepest span that failed with it', () =>
    expect(
      cause(`
        gateway   POST /chat      |===========|  error
         manager  handle           |=========|   error
          tools   execute_tool x     |===|       error op=execute_tool tool=x
           db     SELECT              |=|        error
      `),
    ).toBe('db › SELECT (4 deep)'));

  it('is the attempt that was given up on, not one that was tried again', () =>
    expect(
      cause(`
        gateway  POST /chat  |===========|  error
         a       first        |==|          error
         b       second           |===|     error
         c       third            |==|
      `),
    ).toBe('b › second (2 deep)'));

  it('is nothing where the request succeeded all the same', () =>
    expect(
      cause(`
        gateway  POST /chat  |===========|
         a       first        |==|          error
      `),
    ).toBeUndefined());
});
