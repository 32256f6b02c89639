import { unixNano } from '@spanwise/model';
import { describe, expect, it } from 'vitest';
import { parseJaegerSearch } from './index.ts';

const now = unixNano(1_795_344_867_000_000_000n);
const parse = (query: string) => parseJaegerSearch(new URLSearchParams(query), now);

describe('parseJaegerSearch', () => {
  it('reads every condition', () => {
    const query =
      'service=web&operation=GET+%2F&start=1000&end=2000&limit=5&minDuration=4500ns&maxDuration=1.5s' +
      `&tag=a:b:c&tag=n:1&tags=${encodeURIComponent('{"http.status_code":"200","n":"2"}')}&raw=true`;
    expect(parse(query)).toEqual({
      ok: true,
      value: {
        service: 'web',
        operation: 'GET /',
        startTimeMin: 1_000_000n,
        startTimeMax: 2_000_000n,
        limit: 5,
        durationNanosMin: 4_500,
        durationNanosMax: 1_500_000_000,
        tags: [
          { key: 'a', value: 'b:c' },
          { key: 'n', value: '2' },
          { key: 'http.status_code', value: '200' },
        ],
        traceIds: [],
      },
    });
  });

  it('looks back two days for 100 traces when nothing else is said', () => {
    expect(parse('service=web&operation=&limit=&minDuration=0')).toEqual({
      ok: true,
      value: {
        service: 'web',
        startTimeMin: now - 2n * 86_400n * 1_000_000_000n,
        startTimeMax: now,
        limit: 100,
        tags: [],
        traceIds: [],
      },
    });
  });

  it('needs no service for traces by id', () => {
    const result = parse('traceID=ABC&traceID=00000000000000010000000000000002');
    expect(result.ok && result.value.traceIds).toEqual([
      '00000000000000000000000000000abc',
      '00000000000000010000000000000002',
    ]);
  });

  it('takes any time for a bound, also what int64 nanoseconds cannot hold', () => {
    const result = parse('service=web&start=-5&end=9223372036854775807');
    expect(result.ok && [result.value.startTimeMin, result.value.startTimeMax]).toEqual([0n, 2n ** 63n - 1n]);
  });

  it.each([
    ['', "parameter 'service' is required"],
    ['service=web&limit=0', 'invalid parameter: limit must be greater than 0'],
    ['service=web&limit=ten', `unable to parse param 'limit': not an integer: "ten"`],
    ['service=web&start=1.5', `unable to parse param 'start': not an integer: "1.5"`],
    [
      'service=web&end=99999999999999999999',
      `unable to parse param 'end': not an integer: "99999999999999999999"`,
    ],
    ['service=web&start=2&end=1', 'invalid parameter: start time must be before end time'],
    ['service=web&minDuration=5', `unable to parse param 'minDuration': time: invalid duration "5"`],
    ['service=web&minDuration=2s&maxDuration=1s', "'maxDuration' should be greater than 'minDuration'"],
    ['service=web&tag=error', "malformed 'tag' parameter, expecting key:value, received: error"],
    ['service=web&tags=%7B', "malformed 'tags' parameter, cannot unmarshal JSON"],
    [
      'service=web&tags=%7B%22a%22%3A1%7D',
      "malformed 'tags' parameter, expecting a JSON object whose values are strings",
    ],
    [
      'service=web&tags=%5B%22a%22%5D',
      "malformed 'tags' parameter, expecting a JSON object whose values are strings",
    ],
    ['traceID=xyz', 'cannot parse traceID param: not a trace id: "xyz"'],
  ])('refuses %j', (query, message) => {
    expect(parse(query)).toEqual({ ok: false, message });
  });
});
