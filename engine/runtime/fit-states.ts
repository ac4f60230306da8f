import type { NamedState } from '../operators/operator.ts';
import { SINK, type StateNode, type StateNodes } from './state-store.ts';

const CHANGED = 'it is new, or it or what it reads from changed';
const TAKEN_BACK = 'what counts its rows begins empty, and could not take back those from before';

/** Operators of a query that changed, beside what was saved of the one before. */
export interface StateFit {
  /** Those that go on with what is saved: the id of each, and the one that it is saved under. */
  readonly kept: ReadonlyMap<string, string>;
  /** Those that begin with nothing, and why, in their order. */
  readonly empty: readonly { readonly state: NamedState; readonly reason: string }[];
  /** What nobody takes any more. */
  readonly dropped: readonly StateNode[];
}

/** Which of the saved states fit operators of another query; `states` in their order. */
export function fitStates(saved: StateNodes, states: readonly NamedState[]): StateFit {
  const ids = new Map([...saved].map(([id, { fingerprint }]) => [fingerprint, id]));
  const kept = new Map<string, string>();
  const empty: { readonly state: NamedState; readonly reason: string }[] = [];
  // From the sink down: whom who counts reads, and begins empty, must not take back rows from before.
  for (const [i, state] of [...states.entries()].reverse()) {
    const from = ids.get(state.fingerprint);
    const reader = readerOf(states, i);
    if (from === undefined) empty.unshift({ state, reason: CHANGED });
    else if (state.updates && !state.eventTime && reader?.counts && !kept.has(reader.id)) {
      empty.unshift({ state, reason: TAKEN_BACK });
    } else kept.set(state.id, from);
  }
  const taken = new Set(kept.values());
  const dropped = [...saved].flatMap(([id, node]) => (id === SINK || taken.has(id) ? [] : [node]));
  return { kept, empty, dropped };
}

/** The nearest operator that a row of the i-th comes to; event time passes rows as they are. */
function readerOf(states: readonly NamedState[], i: number): NamedState | undefined {
  const [source] = states[i]!.sources;
  return states.slice(i + 1).find(({ sources, eventTime }) => !eventTime && sources.includes(source!));
}
