import { figureNames, type HistoryView, type Tick } from './messages.ts';

/** The figures of the last `capacity` seconds, in memory that is taken once. */
export class History {
  readonly #capacity: number;
  readonly #times: Float64Array;
  /** By job and pipeline: one ring for each figure. */
  readonly #rings = new Map<string, readonly Float64Array[]>();
  #next = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#times = new Float64Array(capacity);
  }

  add({ time, pipelines }: Tick): void {
    const at = this.#next;
    this.#times[at] = time;
    for (const { job, pipeline, figures } of pipelines) {
      const key = `${job} ${pipeline}`;
      let rings = this.#rings.get(key);
      if (rings === undefined) {
        rings = figureNames.map(() => new Float64Array(this.#capacity).fill(Number.NaN));
        this.#rings.set(key, rings);
      }
      figureNames.forEach((name, i) => {
        rings[i]![at] = figures[name] ?? Number.NaN;
      });
    }
    this.#next = (at + 1) % this.#capacity;
    this.#length = Math.min(this.#capacity, this.#length + 1);
  }

  view(): HistoryView {
    const inOrder = (ring: Float64Array) =>
      Array.from(
        { length: this.#length },
        (_, i) => ring[(this.#next - this.#length + i + this.#capacity) % this.#capacity]!,
      );
    const known = (value: number) => (Number.isNaN(value) ? null : Number(value.toPrecision(6)));
    return {
      times: inOrder(this.#times),
      pipelines: [...this.#rings].map(([key, rings]) => {
        const [job, pipeline] = key.split(' ').map(Number);
        return { job: job!, pipeline: pipeline!, series: rings.map((ring) => inOrder(ring).map(known)) };
      }),
    };
  }
}
