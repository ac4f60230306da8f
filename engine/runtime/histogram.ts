/** How often a value fell into each range, as plain data: it can be sent between threads and added up. */
export interface Histogram {
  /** Upper bounds, inclusive and ascending; one more range holds what is above the last. */
  readonly bounds: readonly number[];
  /** One more than bounds; not cumulative. */
  readonly counts: number[];
  sum: number;
}

/** Seconds, from a millisecond to a minute: fits commits as well as the way of a row through the job. */
export const secondBounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

export function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
}

export function observe(histogram: Histogram, value: number): void {
  let range = 0;
  while (range < histogram.bounds.length && value > histogram.bounds[range]!) range++;
  histogram.counts[range]!++;
  histogram.sum += value;
}
