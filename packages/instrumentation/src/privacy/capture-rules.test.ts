import { describe, expect, it } from 'vitest';
import { modeFor, parseCaptureRules, parseOpenTelemetryVariable } from './capture-rules.ts';

describe('rules', () => {
  it.each([
    ['', {}, 'none'],
    ['full', {}, 'full'],
    ['HASH', {}, 'hash'],
    ['strict', {}, 'strict'],
    ['hash, agent:support=full', { agent: 'support' }, 'full'],
    ['hash, agent:support=full', { agent: 'other' }, 'hash'],
    ['full,tool:calculator=none', { agent: 'support', tool: 'calculator' }, 'none'],
    ['none,model:gpt-4o=hash', { model: 'gpt-4o' }, 'hash'],
    ['none,service:shop=full', { service: 'shop' }, 'full'],
    // The most private of several.
    ['full,agent:a=full,tool:t=hash', { agent: 'a', tool: 't' }, 'hash'],
    ['full,agent:a=hash,service:s=strict', { agent: 'a', service: 's' }, 'strict'],
  ] as const)('%j for %j is %s', (text, scope, mode) => {
    const rules = parseCaptureRules(text);
    expect(modeFor(rules, scope)).toBe(mode);
    expect(rules.unknownCount).toBe(0);
  });

  it.each([
    ['everything', {}],
    ['true', {}],
    ['full,ful', {}],
    ['full,agent:support=ful', { agent: 'support' }],
    // Nobody can know what this was to close, so nothing stays open.
    ['full,team:x=none', { agent: 'support' }],
    ['full,agent:support', { agent: 'support' }],
    ['agent=full', { agent: 'full' }],
  ] as const)('what is not known is none: %j for %j', (text, scope) => {
    const rules = parseCaptureRules(text);
    expect(modeFor(rules, scope)).toBe('none');
    expect(rules.unknownCount).toBe(1);
  });
});

it.each([
  ['true', 'full', 0],
  ['True', 'full', 0],
  ['1', 'full', 0],
  ['span_only', 'full', 0],
  ['SPAN_AND_EVENT', 'full', 0],
  ['event_only', 'none', 0],
  ['no_content', 'none', 0],
  ['false', 'none', 0],
  ['0', 'none', 0],
  ['', 'none', 0],
  ['yes please', 'none', 1],
])('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=%s is %s', (text, mode, unknownCount) => {
  const rules = parseOpenTelemetryVariable(text);
  expect([modeFor(rules, {}), rules.unknownCount]).toEqual([mode, unknownCount]);
});
