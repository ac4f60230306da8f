import type { RunningPlan } from '../operators/operator.ts';

/** As often as Flink looks at its clock for watermarks, or a little more. */
const INTERVAL = 100;

/** Tells a plan the clock until it is stopped; one call at a time. */
export class Clock {
  readonly #tick: (now: number) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #stopped = false;

  /** `now`: milliseconds since 1970. */
  constructor(tick: (now: number) => Promise<void>, failed: (error: unknown) => void, now: () => number = Date.now) {
    this.#now = now;
    this.#tick = tick;
    this.#failed = failed;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick(this.#now()).then(
        () => {
          this.#ticking = undefined;
          if (!this.#stopped) this.start();
        },
        (error: unknown) => {
          this.#ticking = undefined;
          this.#failed(error);
        },
      );
    }, INTERVAL);
  }

  /** No call is under way any more when it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#ticking;
  }
}

export type Tick = NonNullable<RunningPlan['tick']>;
