import { RunError } from '../connector/errors.ts';
import type { Sink } from '../connector/sink.ts';
import { committedEpoch, epochPositions } from './epoch.ts';
import { stateMismatch } from './state-mismatch.ts';
import { SINK, type StateStore } from './state-store.ts';
import { type StatefulOptions, told } from './stateful-sink.ts';

/**
 * For a query that remembers nothing: what one before it remembered must not count again when the query is what it was,
 * for rows were read meanwhile. Rejects where there is any, unless it may be dropped; called after `open`.
 */
export async function leaveState(
  sink: Sink,
  store: StateStore,
  { pipeline, log, keepMatching }: Pick<StatefulOptions, 'pipeline' | 'log' | 'keepMatching'>,
): Promise<void> {
  const epoch = await committedEpoch(sink);
  if (epoch === undefined) return;
  const saved = (await store.load(epoch))?.nodes ?? new Map();
  if (!keepMatching) {
    throw stateMismatch(saved, new Map()) ?? new RunError('state-mismatch', 'the query changed: it had state');
  }
  for (const [id, node] of saved) if (id !== SINK) log.warn('state_dropped', told(pipeline, node));
  await sink.commit({ positions: epochPositions(0) });
  await store.clear();
}
