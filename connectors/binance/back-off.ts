const first = 250;
const longest = 30_000;

/** Milliseconds to wait after so many failures in a row: doubling, and scattered so that clients do not come all at once. */
export function backOff(failures: number): number {
  const full = Math.min(longest, first * 2 ** (failures - 1));
  return full / 2 + (Math.random() * full) / 2;
}
