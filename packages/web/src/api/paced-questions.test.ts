import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacedQuestions } from './paced-questions.ts';

describe('PacedQuestions', () => {
  let asked: number[];
  let answerMillis: number;
  let questions: PacedQuestions;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const begin = performance.now();
    asked = [];
    answerMillis = 10;
    questions = new PacedQuestions(() => {
      asked.push(performance.now() - begin);
      return new Promise((resolve) => setTimeout(resolve, answerMillis));
    }, 1_000);
  });
  afterEach(() => vi.useRealTimers());

  it('asks once for much news', async () => {
    for (let count = 0; count < 5; count += 1) questions.tell();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toEqual([1_000]);
  });

  it('asks again for what came while it asked', async () => {
    questions.tell();
    await vi.advanceTimersByTimeAsync(1_005);
    questions.tell();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toEqual([1_000, 2_010]);
  });

  it('leaves a slow server nine tenths of its time', async () => {
    answerMillis = 2_000;
    questions.tell();
    await vi.advanceTimersByTimeAsync(3_500);
    questions.tell();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toEqual([1_000, 21_000]);
  });

  it('asks nothing after its end', async () => {
    questions.tell();
    questions.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toEqual([]);
  });
});
