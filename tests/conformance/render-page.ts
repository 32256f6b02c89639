import type { ConformanceCase } from '../../packages/instrumentation/src/testing/conformance/cases.ts';
import type { Verdict } from './judge.ts';
import type { Subject } from './subjects.ts';

export interface SubjectResult {
  readonly subject: Subject;
  readonly versions: readonly string[];
  /** One for each case, in the table's order. */
  readonly verdicts: readonly Verdict[];
}

const libraries = [
  ['openai', 'OpenAI client, chat completions'],
  ['anthropic', 'Anthropic client, messages'],
] as const;

/** docs/conformance.md. */
export function renderPage(
  results: readonly SubjectResult[],
  cases: readonly ConformanceCase[],
  date: string,
): string {
  const sections = libraries.map(([library, title]) => {
    const columns = results.filter(({ subject }) => subject.library === library);
    return columns.length === 0 ? '' : renderSection(title, columns, cases);
  });
  return `# Conformance of wrappers

One call to a model is one span, whatever becomes of the call, and the application sees nothing of it. This page is written by \`npm run conformance\`, last on ${date} with Node ${process.versions.node}.

Each case runs in a process of its own, as an application would use the client, against a local server that speaks the provider's wire format over a real socket: once without a wrapper, once with it. Each wrapper has the options that it has by default. The table is \`packages/instrumentation/src/testing/conformance/cases.ts\`; our own tests run the same rows, over every major version of the clients, and ask more of each.

A cell is ✓ if exactly one span ended, marked as an error where and only where the call failed, without tokens that nobody told, the application got what it gets without the wrapper, and the process lived on. Else it says what was wrong. An abort may count as an error or not. Below the line is what the spans tell, and how often out of the cases in which there was something to tell; tokens count wherever they stand. The wrappers of others are installed into a temporary folder and are no part of what a user of Spanwise installs.

${sections.filter((section) => section !== '').join('\n')}`;
}

function renderSection(
  title: string,
  columns: readonly SubjectResult[],
  cases: readonly ConformanceCase[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = cases.map(({ name }, index) =>
    line([name, ...columns.map(({ verdicts }) => cellOf(verdicts[index]))]),
  );
  const tells = (key: 'tellsTokens' | 'tellsCachedAndReasoning' | 'tellsFirstChunk') =>
    columns.map(({ verdicts }) => {
      const asked = verdicts.filter((verdict) => verdict[key] !== undefined);
      return `${asked.filter((verdict) => verdict[key]).length} of ${asked.length}`;
    });
  const content = columns.map(({ verdicts }) => {
    const count = verdicts.filter(({ hasContent }) => hasContent).length;
    return count === 0 ? '✓' : `in ${count}`;
  });
  const total = columns.map(({ verdicts }) => {
    const well = verdicts.filter(({ problems }) => problems.length === 0).length;
    return `**${well} of ${verdicts.length}**`;
  });
  const versions = columns.map(({ subject, versions: all }) => `- ${subject.name}: ${all.join(', ')}`);
  return [
    `## ${title}`,
    '',
    ...versions,
    '',
    line(['case', ...columns.map(({ subject }) => subject.name)]),
    line(['---', ...columns.map(() => '---')]),
    ...rows,
    line(['**all cases**', ...total]),
    line(['tells input and output tokens', ...tells('tellsTokens')]),
    line(['tells cached and reasoning tokens', ...tells('tellsCachedAndReasoning')]),
    line(['tells the time to the first chunk', ...tells('tellsFirstChunk')]),
    line(['no prompt, answer or error text on a span', ...content]),
    '',
  ].join('\n');
}

function cellOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  return verdict.problems.length === 0 ? '✓' : verdict.problems.join(', ');
}
