import { traceId, unixNano } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiV3ErrorResponse,
  conditionsOfApiV2Query,
  conditionsOfApiV3Query,
  parseApiV3Search,
  toApiV3TraceSummary,
} from './index.ts';
import { parseRfc3339 } from './rfc3339.ts';

describe('parseRfc3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-11-23T02:11:39.123456789Z', 1_795_399_899_123_456_789n],
    ['2026-11-23T03:41:39.5+01:30', 1_795_399_899_500_000_000n],
    ['2026-11-22T21:11:39-05:00', 1_795_399_899_000_000_000n],
    ['1970-01-01T00:00:00.0000000019Z', 1n],
    ['0001-01-01T00:00:00Z', 0n],
    ['9999-12-31T23:59:59Z', 2n ** 63n - 1n],
  ])('%s', (text, nanos) => {
    expect(parseRfc3339(text)).toBe(nanos);
  });

  it.each([
    '',
    '1700000000',
    '2026-11-23',
    '2026-11-23 02:11:39Z',
    '2026-11-23T02:11:39',
    '2026-02-30T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T02:11:60Z',
    '2026-11-23T02:11:39.Z',
    '2026-11-23T02:11:39+0100',
    '2026-11-23T02:11:39+24:00',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('reads what dates are written as', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2262-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (value) => {
        expect(parseRfc3339(value.toISOString())).toBe(BigInt(value.getTime()) * 1_000_000n);
      }),
    );
  });
});

describe('parseApiV3Search', () => {
  it('reads every condition', () => {
    const query = new URLSearchParams({
      'query.serviceName': 'web',
      'query.operationName': 'GET /',
      'query.attributes': '{"error":"true","__proto__":"a"}',
      'query.startTimeMin': '1970-01-01T00:00:01Z',
      'query.startTimeMax': '1970-01-01T00:00:02Z',
      'query.durationMin': '4500ns',
      'query.durationMax': '0s',
      'query.searchDepth': '5',
    });
    expect(parseApiV3Search(query)).toEqual({
      ok: true,
      value: {
        service: 'web',
        operation: 'GET /',
        startTimeMin: 1_000_000_000n,
        startTimeMax: 2_000_000_000n,
        durationNanosMin: 4_500,
        limit: 5,
        tags: [
          { key: 'error', value: 'true' },
          { key: '__proto__', value: 'a' },
        ],
      },
    });
  });
});

describe('query messages', () => {
  const startTimeMin = { seconds: '1', nanos: 5 };
  const startTimeMax = { seconds: '2' };

  it('reads the same from version 2 and 3', () => {
    const value = {
      service: 'web',
      operation: 'GET /',
      startTimeMin: 1_000_000_005n,
      startTimeMax: 2_000_000_000n,
      durationNanosMin: 1_500_000_000,
      limit: 100,
      tags: [{ key: 'a', value: 'b' }],
    };
    const query = {
      serviceName: 'web',
      operationName: 'GET /',
      startTimeMin,
      startTimeMax,
      durationMin: { seconds: '1', nanos: 500_000_000 },
      durationMax: {},
      searchDepth: 0,
    };
    expect(conditionsOfApiV3Query({ ...query, attributes: { a: 'b' } })).toEqual({ ok: true, value });
    expect(conditionsOfApiV2Query({ ...query, tags: { a: 'b' } })).toEqual({ ok: true, value });
  });

  it('wants nothing in version 2', () => {
    expect(conditionsOfApiV2Query({})).toEqual({ ok: true, value: { limit: 100, tags: [] } });
  });

  it('moves times into what can be stored', () => {
    const result = conditionsOfApiV3Query({
      startTimeMin: { seconds: '-62135596800' },
      startTimeMax: { seconds: '253402300799' },
    });
    expect(result.ok && [result.value.startTimeMin, result.value.startTimeMax]).toEqual([0n, 2n ** 63n - 1n]);
  });
});

describe('toApiV3TraceSummary', () => {
  it('leaves out what is zero or unknown', () => {
    const id = traceId('000000000000000000000000000000ab');
    expect(
      toApiV3TraceSummary({
        traceId: id,
        startTimeUnixNano: unixNano(1_795_399_899_123_456_789n),
        durationNanos: 1,
        spanCount: 1,
        errorCount: 0,
        orphanCount: 0,
        services: [{ name: 'web', spanCount: 1, errorCount: 0 }],
      }),
    ).toEqual({
      traceId: id,
      minStartTimeUnixNano: '1795399899123456789',
      maxEndTimeUnixNano: '1795399899123456790',
      spanCount: 1,
      services: [{ name: 'web', spanCount: 1 }],
    });
  });
});

describe('apiV3ErrorResponse', () => {
  it("is JSON from Go's plain error writer", () => {
    expect(apiV3ErrorResponse(404, 'No traces found')).toEqual({
      status: 404,
      contentType: 'text/plain; charset=utf-8',
      body: '{"error":{"httpCode":404,"message":"No traces found"}}\n',
    });
  });
});
