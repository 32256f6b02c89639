import { describe, expect, it } from 'vitest';
import { conformanceCases } from '../../packages/instrumentation/src/testing/conformance/cases.ts';
import type { CaseReport, ReportedSpan } from '../conformance/case-report.ts';
import { judge } from '../conformance/judge.ts';
import { renderPage } from '../conformance/render-page.ts';
import { subjects } from '../conformance/subjects.ts';

const row = (name: string) => {
  const found = conformanceCases.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no case is called ${name}`);
  return found;
};
const wholeAnswer = row('an answer in one piece');
const stream = row('a stream read to its end');

const good: ReportedSpan = {
  name: 'chat m',
  attributes: {
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 30,
    'gen_ai.usage.cache_read.input_tokens': 80,
    'gen_ai.usage.reasoning.output_tokens': 10,
  },
  eventAttributes: [],
  isError: false,
  statusMessage: '',
  isBelowCaller: false,
  isToldToServer: true,
};
const report = (...spans: ReportedSpan[]): CaseReport => ({ outcome: 'same', spans });

describe('the verdict on a case', () => {
  it('is well if all is', () => {
    expect(judge(wholeAnswer, report(good), 'same')).toEqual({
      problems: [],
      tellsTokens: true,
      tellsCachedAndReasoning: true,
      hasContent: false,
    });
  });

  it.each<[string, ReturnType<typeof row>, CaseReport | undefined, string]>([
    ['ends the process', wholeAnswer, undefined, 'same'],
    ['no span', wholeAnswer, report(), 'same'],
    ['2 spans', wholeAnswer, report(good, good), 'same'],
    ['other outcome', wholeAnswer, report(good), 'another'],
    ['an error that is none', wholeAnswer, report({ ...good, isError: true }), 'same'],
    ['error not marked', row('an HTTP 400'), report({ ...good, attributes: {} }), 'same'],
    ['tokens that nobody told', row('an answer without usage'), report(good), 'same'],
    ['wrong parent', row('inside an async generator, below the caller'), report(good), 'same'],
    [
      'not active in the request',
      row('the next service, told its parent'),
      report({ ...good, isToldToServer: false }),
      'same',
    ],
  ])('%s', (problem, of, reported, bareOutcome) => {
    expect(judge(of, reported, bareOutcome).problems).toEqual([problem]);
  });

  it('finds what others call their figures', () => {
    const openInference = {
      'llm.token_count.prompt': 100,
      'llm.token_count.completion': 30,
      'llm.token_count.prompt_details.cache_read': 80,
    };
    const langfuse = {
      'langfuse.observation.usage_details': '{"input":20,"output":20,"input_cached":80,"reasoning":10}',
      'langfuse.observation.completion_start_time': '2026-01-01',
    };
    expect(judge(stream, report({ ...good, attributes: openInference }), 'same')).toMatchObject({
      tellsTokens: true,
      tellsCachedAndReasoning: false,
      tellsFirstChunk: false,
    });
    expect(judge(stream, report({ ...good, attributes: langfuse }), 'same')).toMatchObject({
      tellsTokens: true,
      tellsCachedAndReasoning: true,
      tellsFirstChunk: true,
    });
  });

  it.each([
    ['an attribute', { attributes: { 'input.value': 'canary-7f3a' } }],
    ['an event', { eventAttributes: [{ 'exception.message': 'canary-7f3a was refused' }] }],
    ['the status', { statusMessage: '400 canary-7f3a was refused' }],
  ])('finds content in %s', (_place, fields) => {
    expect(judge(wholeAnswer, report({ ...good, ...fields }), 'same').hasContent).toBe(true);
  });
});

it('the page says what was wrong, and counts', () => {
  const verdicts = conformanceCases.map((each, index) =>
    judge(each, index === 0 ? undefined : report(good), 'same'),
  );
  const [subject] = subjects;
  if (subject === undefined) throw new Error('there are no subjects');
  const page = renderPage(
    [{ subject, versions: ['openai 6.0.0'], verdicts }],
    conformanceCases,
    '2026-01-31',
  );
  expect(page).toContain('last on 2026-01-31');
  expect(page).toContain('- Spanwise: openai 6.0.0');
  expect(page).toContain('| an answer in one piece | ends the process |');
  expect(page).not.toContain('Anthropic client');
});
