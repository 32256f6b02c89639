import type { EngineStatus } from '@spanwise/store';
import { describe, expect, it } from 'vitest';
import type { SpoolStatus } from '../spool/spool.ts';
import { healthReport, httpStatusOf } from './health.ts';

const engine: EngineStatus = { state: 'ready', restarts: 0 };
const spool: SpoolStatus = {
  state: 'ready',
  bytes: 0,
  segments: 0,
  oldestAgeMillis: 0,
  waitingRequests: 0,
  storedRows: 0,
  repeatedRequests: 0,
  refusedRequests: 0,
  quarantined: { segments: 0, rows: 0, listed: [] },
};

describe('health', () => {
  it.each([
    ['all is well', {}, {}, 'StatusOK', undefined],
    [
      'the disk fails',
      { state: 'failing', reason: 'the disk does not take what it is given (EIO)' },
      {},
      'StatusRecoverableError',
      'receivers: senders are told to wait: the disk does not take what it is given (EIO)',
    ],
    [
      'the engine restarts',
      {},
      { state: 'restarting', restarts: 1, lastError: 'the storage process ended (SIGKILL)' },
      'StatusRecoverableError',
      'engine: the storage process ended (SIGKILL)',
    ],
    ['a segment waits', { state: 'waiting', reason: 'storage restarting' }, {}, 'StatusOK', undefined],
  ] as const)(
    'says what is wrong when %s, and stays in service',
    (_, spoolMore, engineMore, status, reason) => {
      const report = healthReport({
        phase: 'ready',
        spool: { ...spool, ...spoolMore },
        engine: { ...engine, ...engineMore },
      });
      expect([report.status, report.reason]).toEqual([status, reason]);
      expect(httpStatusOf(report)).toBe(200);
    },
  );

  it('is out of service while it starts and stops', () => {
    const starting = healthReport({ phase: 'starting', engine: undefined, spool: undefined });
    expect(starting).toMatchObject({ status: 'StatusStarting', engine: { status: 'StatusStarting' } });
    expect(httpStatusOf(starting)).toBe(503);
    expect(httpStatusOf(healthReport({ phase: 'stopping', engine, spool }))).toBe(503);
  });

  it('warns of rows that are set aside, and is well all the same', () => {
    const listed = [
      { name: '1-spans', rowCount: 2, reason: 'not a row' },
      { name: '2-spans', rowCount: 1, reason: 'ClickHouse error 469 VIOLATED_CONSTRAINT' },
    ];
    const quarantined = { segments: 2, rows: 3, listed };
    const report = healthReport({ phase: 'ready', engine, spool: { ...spool, quarantined } });
    expect(report).toMatchObject({
      status: 'StatusOK',
      warnings: [
        "3 rows of 2 segments are set aside in the spool's quarantine: ClickHouse error 469 VIOLATED_CONSTRAINT",
      ],
    });
  });
});
