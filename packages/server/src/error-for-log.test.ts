import { EngineError } from '@spanwise/store';
import { describe, expect, it } from 'vitest';
import { errorForLog } from './error-for-log.ts';
import { createLogger } from './logger.ts';

const secret = 'canary-8c1d';

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('an error in a log line', () => {
  it.each([
    ['of the JSON parser', errorOf(() => JSON.parse(`{"prompt": ${secret}}`))],
    ['of BigInt', errorOf(() => BigInt(secret))],
    ['of a URL', errorOf(() => new URL(secret))],
    ['of Node', errorOf(() => Buffer.alloc(1).fill('a', secret as BufferEncoding))],
    ['of a library, on several lines', new Error(`no:\n    at ${secret} (a.js:1:1)\n${secret}`)],
    ['with fields', Object.assign(new Error('no'), { response: secret })],
    ['with a cause', new EngineError('no answer', { retryable: true, cause: new Error(secret) })],
    ['with many', new AggregateError([new Error(secret)], secret)],
    ['that is none', secret],
  ])('%s quotes nothing', (_, error) => {
    const logged = JSON.stringify(errorForLog(error));
    expect(logged).not.toContain(secret);
  });

  it('says type, code, position, place and cause', () => {
    const parser = errorForLog(errorOf(() => JSON.parse('{"a" x}')));
    expect(parser).toMatchObject({ type: 'SyntaxError', position: 5 });
    expect(parser.stack).toContain('error-for-log.test.ts');
    expect(
      errorForLog(
        new EngineError('ClickHouse error 27', { retryable: false, code: 27, cause: new TypeError('x') }),
      ),
    ).toMatchObject({
      type: 'EngineError',
      code: 27,
      message: 'ClickHouse error 27',
      cause: { type: 'TypeError' },
    });
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'write',
    });
    expect(errorForLog(full)).toMatchObject({ code: 'ENOSPC', message: full.message });
  });

  it('is what the logger writes', () => {
    const lines: string[] = [];
    createLogger({ write: (line) => lines.push(line) }).error({ err: new Error(secret) }, 'it broke');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'it broke', err: { type: 'Error' } });
    expect(lines[0]).not.toContain(secret);
  });
});
