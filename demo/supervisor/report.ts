import type { FinishedTrace } from './traces.ts';

export interface Turn {
  readonly question: string;
  readonly answer: string;
  readonly traceUrl: string;
  readonly trace: FinishedTrace;
}

/** The longest line we print of an answer. */
const maxAnswerLength = 160;

/** Four lines of a turn: question, answer, where the time went, the trace's address. */
export function describeTurn({ question, answer, traceUrl, trace }: Turn): string {
  return [
    `You    ${question}`,
    `Agent  ${firstLine(answer)}`,
    `       ${describeTime(trace)}`,
    traceUrl,
  ].join('\n');
}

function describeTime({ durationNanos, analysis }: FinishedTrace): string {
  const parts = [formatSeconds(durationNanos)];
  const slowest = analysis.byService.find((entry) => entry.service !== undefined);
  if (slowest?.service !== undefined) {
    parts.push(`slowest service ${slowest.service} (${Math.round(slowest.share * 100)} %)`);
  }
  const { bottleneck, usage } = analysis;
  if (bottleneck !== undefined) {
    parts.push(`slowest step ${bottleneck.name} (${formatSeconds(bottleneck.nanos)})`);
  }
  parts.push(`${formatCount(usage.inputTokens)} → ${formatCount(usage.outputTokens)} tokens`);
  return parts.join(' · ');
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > maxAnswerLength ? `${line.slice(0, maxAnswerLength - 1)}…` : line;
}

/** Three significant digits. */
function formatSeconds(nanos: number): string {
  const seconds = nanos / 1e9;
  return seconds >= 1 ? `${seconds.toPrecision(3)} s` : `${Number((nanos / 1e6).toPrecision(3))} ms`;
}

/** -1 is unknown. */
function formatCount(count: number): string {
  return count < 0 ? '–' : count.toLocaleString('en-US');
}
