import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../service-client/service-error.ts';
import { errorType } from './error-type.ts';

class OrderNotFound extends Error {}

describe('errorType', () => {
  it.each([
    [
      'a system error',
      Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['an answer of another service', new ServiceError('GET http://a/b', 'rate_limited', 429), 'rate_limited'],
    ['a built-in class', new TypeError('x'), 'TypeError'],
    ['an aborted call', new DOMException('x', 'AbortError'), 'AbortError'],
    ['a class of the application', new OrderNotFound('order 17'), 'OrderNotFound'],
    [
      'a name with a sentence in it',
      Object.assign(new TypeError('x'), { name: 'user said: hello' }),
      'TypeError',
    ],
    [
      'a code with a sentence in it',
      Object.assign(new TypeError('x'), { code: 'user said: hello' }),
      'TypeError',
    ],
    ['a numeric code', Object.assign(new RangeError('x'), { code: 14 }), 'RangeError'],
    ['a thrown string', 'user said: hello', '_OTHER'],
    ['nothing', undefined, '_OTHER'],
  ])('%s', (_, thrown, expected) => {
    expect(errorType(thrown)).toBe(expected);
  });

  it('is never a message', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (message) => {
        expect(errorType(new Error(`canary ${message}`))).not.toContain('canary');
        expect(errorType(`canary ${message}`)).toBe('_OTHER');
      }),
    );
  });
});
