import type { AttributeDto, SpanDto } from '@spanwise/api';
import { describe, expect, it } from 'vitest';
import { filterGroups, groupAttributes } from './attribute-groups.ts';
import { formatValue } from './format-value.ts';

const text = (key: string, value: string): AttributeDto => ({ key, value: { type: 'string', value } });
const count = (key: string, value: number): AttributeDto => ({
  key,
  value: { type: 'int', value: String(value) },
});
const span: SpanDto = {
  traceId: '5ba1e5ce5ba1e5ce5ba1e5ce5ba1e5ce',
  spanId: '00000000000000a1',
  name: 'chat gpt-4o',
  kind: 'client',
  startTimeUnixNano: '0',
  durationNanos: 1,
  status: 'unset',
  statusMessage: '',
  traceState: '',
  service: 'llm-proxy',
  resource: [text('service.name', 'llm-proxy')],
  scope: { name: '', version: '', attributes: [] },
  attributes: [
    text('http.route', '/chat'),
    text('gen_ai.request.model', 'gpt-4o'),
    text('custom', 'x'),
    count('spanwise.content.dropped', 2),
    text('spanwise.content.reasons', 'content_key 2'),
    count('spanwise.content.kept', 4),
  ],
  events: [{ timeUnixNano: '1', name: 'message', attributes: [count('spanwise.content.dropped', 1)] }],
  links: [],
  warnings: [],
};

describe('groupAttributes', () => {
  const { groups, droppedCount, keptCount, hashedCount } = groupAttributes(span);
  it('puts what people look for first, and leaves out empty groups', () =>
    expect(groups.map(({ title, attributes }) => [title, attributes.length])).toEqual([
      ['GenAI', 1],
      ['HTTP', 1],
      ['Other', 1],
      ['Resource', 1],
    ]));
  it('counts what was not kept and what was, instead of listing it', () =>
    expect([droppedCount, keptCount, hashedCount]).toEqual([3, 4, 0]));
  it('filters by key and value', () =>
    expect(filterGroups(groups, 'GPT', formatValue).map(({ title }) => title)).toEqual(['GenAI']));
});

describe('formatValue', () => {
  it('shows nested values', () =>
    expect(
      formatValue({
        type: 'array',
        value: [
          { type: 'string', value: 'stop' },
          { type: 'int', value: '9007199254740993' },
        ],
      }),
    ).toBe('["stop", 9007199254740993]'));
});
