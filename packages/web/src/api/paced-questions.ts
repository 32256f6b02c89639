/** Asking again takes at most this share of the time: what takes the server long is asked for seldom. */
const shareOfTime = 0.1;

/** Asks again after news: soon, never twice at once, and at a pace that the answers' own speed sets. */
export class PacedQuestions {
  readonly #ask: () => Promise<unknown>;
  readonly #leastMillis: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #hasNews = false;
  #notBefore = 0;

  /** `ask` settles when the answer is there, and does not throw. */
  constructor(ask: () => Promise<unknown>, leastMillis: number) {
    this.#ask = ask;
    this.#leastMillis = leastMillis;
  }

  tell(): void {
    this.#hasNews = true;
    this.#plan();
  }

  /** What was planned is off; what was asked is not heard of again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hasNews = false;
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isAsking || !this.#hasNews) return;
    const wait = Math.max(this.#leastMillis, this.#notBefore - performance.now());
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#hasNews = false;
    this.#isAsking = true;
    const began = performance.now();
    await this.#ask();
    const ended = performance.now();
    this.#notBefore = ended + (ended - began) * (1 / shareOfTime - 1);
    this.#isAsking = false;
    this.#plan();
  }
}
