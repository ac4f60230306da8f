import type { Checkpoint, Sink } from '../connector/sink.ts';

/** The epoch of a state is committed like the position of a split of this source, in the sink's own transaction. */
const STATE = '(state)';
const EPOCH = 'epoch';

/** The epoch of the state that the sink was committed with last; undefined where it was committed without any. */
export async function committedEpoch(sink: Sink): Promise<number | undefined> {
  const epoch = Number((await sink.restore?.(STATE, [EPOCH]))?.get(EPOCH) ?? 0);
  return epoch === 0 ? undefined : epoch;
}

/** What to commit for an epoch; 0: there is no state any more. */
export function epochPositions(epoch: number): Checkpoint['positions'] {
  return new Map([[STATE, new Map([[EPOCH, String(epoch)]])]]);
}
