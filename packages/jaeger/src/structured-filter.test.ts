import { formatFilter } from '@spanwise/filter';
import { describe, expect, it } from 'vitest';
import { parseApiV3Search } from './api-v3-parameters.ts';
import { conditionsOfApiV3Query } from './query-messages.ts';
import { structuredFilter } from './structured-filter.ts';

const attr = (key: string, level?: string) => ({ attr: { key, ...(level && { level }) } });
const field = (level: string, name: string) => ({ field: { name, level } });
const scalar = (value: string, type?: string) => ({ scalar: { value, ...(type && { type }) } });
const list = (values: readonly string[], type?: string) => ({ list: { values, ...(type && { type }) } });
const call = (op: string, ...args: readonly object[]) => ({ call: { op, args } });
const nested = (level: string) => ({ nested: { level } });

describe("Jaeger's structured filter", () => {
  it.each([
    [call('eq', attr('http.route', 'span'), scalar('/chat')), 'span.http.route = "/chat"'],
    [call('eq', scalar('/chat'), attr('http.route', 'span')), 'span.http.route = "/chat"'],
    [call('eq', attr('region'), scalar('eu')), 'span.region = "eu" or resource.region = "eu"'],
    [
      call('ne', attr('region', 'resource'), scalar('eu')),
      'resource.region exists and not resource.region = "eu"',
    ],
    [call('gt', attr('bytes', 'span'), scalar('500')), 'span.bytes > 500'],
    [call('gt', scalar('500'), attr('bytes', 'span')), 'span.bytes < 500'],
    [call('gte', attr('share', 'event'), scalar('0.5', 'double')), 'event.share >= 0.5'],
    [call('eq', attr('cached', 'span'), scalar('true', 'bool')), 'span.cached = true'],
    [call('eq', attr('n', 'link'), scalar('9007199254740993', 'int')), 'link.n = 9007199254740993'],
    [call('eq', field('resource', 'service'), scalar('llm-proxy')), 'service = "llm-proxy"'],
    [call('lte', field('span', 'duration'), scalar('1m30s')), 'duration <= 90s'],
    [call('in', field('span', 'duration'), list(['1s', '2s'])), 'duration = 1s or duration = 2s'],
    [call('eq', field('span', 'status'), scalar('ERROR')), 'status = error'],
    [call('ne', field('span', 'kind'), scalar('server')), 'kind exists and not kind = server'],
    [call('exists', attr('tool.name', 'span')), 'span.tool.name exists'],
    [call('regex', field('span', 'name'), scalar('gpt-4')), 'name =~ "(?s:.*)(?:gpt-4)(?s:.*)"'],
    [
      call('not_in', attr('http.route', 'span'), list(['/a', '/b'])),
      'span.http.route exists and not (span.http.route = "/a" or span.http.route = "/b")',
    ],
    [
      call(
        'and',
        call('eq', field('event', 'name'), scalar('retry')),
        call('not', call('exists', attr('x', 'scope'))),
      ),
      'event_name = "retry" and not scope.x exists',
    ],
    [call('some', nested('event'), call('ne', attr('n', 'event'), scalar('1'))), 'event.n != "1"'],
  ])('%j', (expression, expected) => {
    expect(formatFilter(structuredFilter(expression.call))).toBe(expected);
  });

  it.each([
    [[], 'query.filter: expected an object'],
    [{}, 'query.filter.op: "" is none of eq, ne'],
    [call('exists', { ...attr('x'), ...scalar('y') }), 'query.filter.args[0]: expected one of attr'],
    [call('not', attr('x')), 'query.filter.args[0]: a condition is a call'],
    [call('like', attr('x'), scalar('y')), 'query.filter.op: "like" is none of eq, ne'],
    [call('toString', attr('x'), scalar('y')), 'query.filter.op: "toString" is none of'],
    [call('and', call('exists', attr('x'))), 'query.filter: and takes 2 or more arguments'],
    [call('eq', attr('x')), 'query.filter: eq takes 2 arguments'],
    [call('exists', attr('')), 'query.filter.args[0].attr.key: required'],
    [call('exists', attr('x', 'trace')), 'level "trace" is none of span, resource'],
    [call('exists', { field: { name: 'service' } }), 'level "" is none of span'],
    [
      call('exists', field('span', 'service')),
      'query.filter.args[0].field.name: "service" is none of name, kind',
    ],
    [call('exists', field('span', 'constructor')), 'field.name: "constructor" is none of'],
    [call('eq', field('span', 'duration'), scalar('2')), 'args[1]: not a duration like 1.5s'],
    [call('eq', field('span', 'status'), scalar('bad')), 'args[1]: "bad" is none of unset, ok, error'],
    [call('eq', attr('x'), scalar('1.5', 'int')), 'args[1]: not an integer of 64 bits'],
    [call('eq', attr('x'), scalar('1', 'bytes')), 'type "bytes" is none of string'],
    [call('in', attr('x'), list([])), 'args[1]: a list has at least one value'],
    [call('regex', attr('x'), scalar('^a')), 'args[1]: no anchors'],
    [call('regex', attr('x'), scalar('(a')), 'args[1]: `(` without its `)`'],
    [call('some', nested('span'), call('exists', attr('x', 'event'))), 'some takes nested events or links'],
    [call('some', nested('event'), call('exists', attr('x', 'link'))), 'inside of some it is event'],
    [call('eq', attr('a'), attr('b')), 'not supported: a comparison of two references'],
    [call('eq', field('span', 'traceID'), scalar('ab')), 'not supported: the field traceID of span'],
    [call('gt', attr('x'), scalar('m')), 'not supported: an ordered comparison of anything but numbers'],
    [
      call(
        'some',
        nested('event'),
        call('and', call('exists', attr('a', 'event')), call('exists', attr('b', 'event'))),
      ),
      'not supported: and inside of some',
    ],
  ])('refuses %j', (expression, message) => {
    expect(() => structuredFilter('call' in expression ? expression.call : expression)).toThrow(message);
  });

  it('refuses what is too deep, and too much', () => {
    let deep: object = call('exists', attr('x'));
    for (let level = 0; level < 40; level += 1) deep = call('not', deep);
    expect(() => structuredFilter((deep as ReturnType<typeof call>).call)).toThrow('deeper than 32 levels');
    const many = Array.from({ length: 101 }, () => call('exists', attr('x')));
    expect(() => structuredFilter(call('or', ...many).call)).toThrow('more than 100 terms');
  });

  it('goes with times and depth alone', () => {
    const filter = call('exists', attr('x', 'span')).call;
    const times = {
      'query.startTimeMin': '2026-11-23T00:00:00Z',
      'query.startTimeMax': '2026-11-23T01:00:00Z',
      'query.filter': JSON.stringify(filter),
    };
    expect(parseApiV3Search(new URLSearchParams({ ...times, 'query.searchDepth': '7' }))).toMatchObject({
      ok: true,
      value: { limit: 7, filter: { type: 'exists' } },
    });
    const clash = { ok: false, message: expect.stringContaining('it goes with times and depth only') };
    for (const [name, value] of [
      ['serviceName', 'a'],
      ['operationName', 'a'],
      ['durationMin', '1s'],
      ['attributes', '{"a":"b"}'],
    ]) {
      expect(parseApiV3Search(new URLSearchParams({ ...times, [`query.${name}`]: value! }))).toEqual(clash);
    }
    const message = { startTimeMin: { seconds: '1' }, startTimeMax: { seconds: '2' }, filter };
    expect(conditionsOfApiV3Query(message)).toMatchObject({
      ok: true,
      value: { filter: { type: 'exists' } },
    });
    expect(conditionsOfApiV3Query({ ...message, serviceName: 'a' })).toEqual(clash);
  });
});
