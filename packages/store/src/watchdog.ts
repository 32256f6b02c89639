export interface WatchdogOptions {
  readonly everyMillis: number;
  /** So many rounds without a sign of life are its end. */
  readonly silentRoundsMax: number;
  readonly ping: () => void;
  /** Called once; the watch is over then. */
  readonly onDead: () => void;
}

/**
 * Notices a process that answers nothing and does not end.
 *
 * It counts rounds, not the clock: when this process itself was stopped (SIGSTOP, a suspended laptop, a long block)
 * time has passed in which nobody listened, and that is no silence of the other one.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #silentRounds = 0;

  constructor({ everyMillis, silentRoundsMax, ping, onDead }: WatchdogOptions) {
    this.#timer = setInterval(() => {
      if (this.#silentRounds >= silentRoundsMax) {
        this.stop();
        onDead();
        return;
      }
      this.#silentRounds += 1;
      ping();
    }, everyMillis);
    this.#timer.unref();
  }

  /** The other one has said something. */
  heard(): void {
    this.#silentRounds = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
