import { type Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const WORDS = 'how do I descale the machine and where is my order of new filters for it since monday'.split(
  ' ',
);
const WORDS_PER_MESSAGE = 100;

/** No two alike, or compression would hide what content costs. */
function message(): string {
  return Array.from(
    { length: WORDS_PER_MESSAGE },
    () => WORDS[Math.floor(Math.random() * WORDS.length)],
  ).join(' ');
}

export interface Load {
  /** Milliseconds from when a request was due, not from when it could be sent: waiting counts. */
  readonly latencies: number[];
  readonly failed: number;
}

/** An open loop: `rate` requests a second, whether or not the ones before have been answered. */
export async function loadAtRate(port: number, agent: Agent, rate: number, seconds: number): Promise<Load> {
  const latencies: number[] = [];
  let failed = 0;
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < rate * seconds; sent += 1) {
    const dueAt = startedAt + (sent * 1_000) / rate;
    const wait = dueAt - performance.now();
    if (wait > 1) await delay(wait);
    const answered = ask(port, agent).then((isWell) => {
      latencies.push(performance.now() - dueAt);
      if (!isWell) failed += 1;
    });
    pending.push(answered);
  }
  await Promise.all(pending);
  return { latencies, failed };
}

/** A closed loop: answers a second that `connections` get, each asking again at once. */
export async function mostAnswers(
  port: number,
  agent: Agent,
  connections: number,
  seconds: number,
): Promise<{ readonly rate: number; readonly answers: number }> {
  const startedAt = performance.now();
  let answers = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - startedAt < seconds * 1_000) {
        await ask(port, agent);
        answers += 1;
      }
    }),
  );
  return { rate: (answers * 1_000) / (performance.now() - startedAt), answers };
}

function ask(port: number, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/chat', method: 'POST', agent }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode === 200 && response.complete));
    })
      .on('error', () => resolve(false))
      .end(JSON.stringify({ message: message() }));
  });
}
