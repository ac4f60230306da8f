import type { Run } from './run.ts';

/** A run with the generation that it becomes a part of when that is sealed. */
export interface SealedRun {
  readonly run: Run;
  readonly generation: number;
}

/** Fewer runs are not worth a merge. */
const LEAST = 4;

/**
 * The runs to be merged next, neighbours in `runs` (oldest first); undefined: none. Each is no larger than those after it
 * together, so that an entry is merged about as often as its run can double. What can be gone back to (all up to `below`, and
 * up to `sealed`) stays apart from what is newer.
 */
export function mergeable(runs: readonly SealedRun[], below: number, sealed: number): readonly SealedRun[] | undefined {
  const age = ({ generation }: SealedRun) => (generation <= below ? 0 : generation <= sealed ? 1 : 2);
  for (let end = runs.length; end > 0; ) {
    let start = end;
    let newer = 0;
    let from: number | undefined;
    while (start > 0 && age(runs[start - 1]!) === age(runs[end - 1]!)) {
      start--;
      const { entries } = runs[start]!.run;
      if (end - start >= LEAST && entries <= newer) from = start;
      newer += entries;
    }
    if (from !== undefined) return runs.slice(from, end);
    end = start;
  }
  return undefined;
}
