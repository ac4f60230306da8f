import type { Log } from '../connector/context.ts';
import { RunError } from '../connector/errors.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { NamedState, RunningPlan } from '../operators/operator.ts';
import type { SpillPlace } from '../operators/spill.ts';
import type { RowBatch } from '../types/batch.ts';
import { FileCheckpointed } from './checkpoint-file.ts';
import { committedEpoch, epochPositions } from './epoch.ts';
import { fitStates } from './fit-states.ts';
import { firstLine, refusalOf, stateMismatch } from './state-mismatch.ts';
import {
  SINK,
  type StateChange,
  type StateImages,
  type StateNode,
  type StateNodes,
  type StateStore,
} from './state-store.ts';

/**
 * Commits the states of a pipeline's operators with its rows: what changed is saved under a new epoch first, and the epoch
 * goes out in one transaction with rows and positions, whatever the sink. After a crash it names the states that count.
 */
export class StatefulSink implements Sink {
  readonly #sink: Sink;
  readonly #store: StateStore;
  readonly #plan: StatefulPlan;
  readonly #nodes: StateNodes;
  readonly #options: StatefulOptions;
  #epoch = 0;
  /** What is remembered is of another query. */
  #fitted = false;
  #committed = false;
  #saving: Promise<void> | undefined;

  /** `sink` restores positions: itself, or through a checkpoint file. */
  constructor(sink: Sink, store: StateStore, plan: StatefulPlan, options: StatefulOptions) {
    this.#sink = sink;
    this.#store = store;
    this.#plan = plan;
    this.#options = options;
    this.#nodes = nodesOf(plan.states, options);
  }

  get pending(): number {
    return this.#sink.pending;
  }

  get flush(): Sink['flush'] {
    return this.#sink.flush;
  }

  async open(): Promise<void> {
    // First, so that a second process waits instead of fencing the first one.
    await this.#store.open();
    await this.#sink.open();
  }

  /** Rows that come while a state is saved are of the next commit: they wait, for the sink has not begun this one. */
  write(batch: RowBatch): void | Promise<void> {
    return this.#saving === undefined ? this.#sink.write(batch) : this.#saving.then(() => this.#sink.write(batch));
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const { journal, states } = this.#plan;
    const change = {
      entries: journal.take(),
      images: imagesOf(states.filter(({ state }) => state.whole === true)),
    };
    const images = this.#store.wantsImages ? imagesOf(states) : undefined;
    const epoch = this.#epoch + 1;
    this.#saving = this.#save(epoch, change, images);
    // Who waits to write was not first to wait: the sink begins this commit before it gets their rows.
    await this.#saving;
    this.#saving = undefined;
    await this.#sink.commit({ positions: new Map([...checkpoint.positions, ...epochPositions(epoch)]) });
    this.#epoch = epoch;
    await this.#store.committed(epoch);
    if (this.#fitted) await this.#options.spill?.forgetOthers();
    this.#fitted = false;
    this.#committed = true;
  }

  /** An image names what was moved out of memory: both have to be durable. */
  async #save(epoch: number, change: StateChange, images: StateImages | undefined): Promise<void> {
    if (images !== undefined) await this.#options.spill?.settled();
    await this.#store.save(epoch, this.#nodes, change, images);
  }

  /** Brings the operators to where the last commit left them; called after `open`, before the first batch. */
  async restoreStates(): Promise<void> {
    const { journal } = this.#plan;
    const epoch = await committedEpoch(this.#sink);
    // What an attempt saved that never got to commit anything.
    if (epoch === undefined) await this.#store.clear();
    else await this.#load(epoch);
    journal.begin();
  }

  async #load(epoch: number): Promise<void> {
    this.#epoch = epoch;
    const saved = await this.#store.load(epoch);
    if (saved === undefined) {
      throw new RunError('state-missing', `the sink was committed with state ${epoch}, which is not on this machine`, {
        help: 'restore the checkpoint folder, or start anew with --fresh',
      });
    }
    const mismatch = stateMismatch(saved.nodes, this.#nodes);
    const kept = mismatch === undefined ? this.#all() : this.#fit(saved.nodes, mismatch);
    const numbers = new Map<number, number>();
    for (const { id, entries } of this.#plan.states) {
      const before = saved.nodes.get(kept.get(id) ?? '')?.entries;
      if (before !== undefined && entries !== undefined) numbers.set(before, entries);
    }
    this.#restoreImages(saved.images, kept);
    let last: StateImages | undefined;
    for await (const { entries, images } of saved.changes) {
      this.#plan.journal.replay(entries, numbers);
      last = images;
    }
    this.#restoreImages(last, kept);
    for (const { state } of this.#plan.states) state.reopen?.();
  }

  #all(): ReadonlyMap<string, string> {
    return new Map(this.#plan.states.map(({ id }) => [id, id]));
  }

  /** What to keep of the state of another query, where that is asked for: the ids of operators, and those of what is theirs. */
  #fit(saved: StateNodes, mismatch: RunError): ReadonlyMap<string, string> {
    const { keepMatching, log, pipeline } = this.#options;
    const refusal = keepMatching ? refusalOf(saved, this.#nodes) : mismatch;
    if (refusal !== undefined) throw refusal;
    const { kept, empty, dropped } = fitStates(saved, this.#plan.states);
    for (const state of this.#plan.states) if (kept.has(state.id)) log.info('state_kept', told(pipeline, state));
    for (const { state, reason } of empty) log.warn('state_empty', { ...told(pipeline, state), reason });
    for (const node of dropped) log.warn('state_dropped', told(pipeline, node));
    this.#store.replaceNodes();
    this.#fitted = true;
    return kept;
  }

  #restoreImages(images: StateImages | undefined, kept: ReadonlyMap<string, string>): void {
    for (const { id, state } of this.#plan.states) {
      const from = kept.get(id);
      if (from !== undefined && images?.has(from)) state.restore(images.get(from));
    }
  }

  async restore(source: string, splits: readonly string[]): Promise<Positions> {
    const positions = await this.#sink.restore!(source, splits);
    if (positions.size > 0 && this.#epoch === 0) this.#beginEmpty();
    const begins = splits.length > 0 && positions.size === 0;
    if (begins && (this.#fitted || (this.#epoch > 0 && !this.#committed))) {
      this.#options.log.warn('source_new', { pipeline: this.#options.pipeline, reads: source });
    }
    return positions;
  }

  /** Rows were read when the query did not remember anything. */
  #beginEmpty(): void {
    if (this.#fitted) return;
    const mismatch = stateMismatch(new Map(), this.#nodes);
    if (mismatch !== undefined) this.#fit(new Map(), mismatch);
  }

  async forget(): Promise<void> {
    await this.#sink.forget?.();
    await this.#store.clear();
  }

  /** Every source was read to its end: a checkpoint file begins anew then, and so do the states beside it. */
  async finish(): Promise<void> {
    if (!(this.#sink instanceof FileCheckpointed)) return;
    this.#sink.finish();
    await this.#store.clear();
  }

  async close(): Promise<void> {
    try {
      await this.#sink.close();
    } finally {
      await this.#store.close();
    }
  }
}

/** Operators that remember, and what they are told. */
type StatefulPlan = Pick<RunningPlan, 'states' | 'journal'>;

/** What a pipeline with state is run with. */
export interface StatefulOptions {
  readonly pipeline: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Go on where the query changed, with what still fits. */
  readonly keepMatching: boolean;
  /** By which columns of the sink rows are changed; absent where they are only added. */
  readonly sinkKey?: readonly string[] | undefined;
  /** Where the plan moves state to. */
  readonly spill?: SpillPlace;
}

function nodesOf(states: readonly NamedState[], { pipeline, sinkKey }: StatefulOptions): StateNodes {
  const nodes = new Map<string, StateNode>(
    states.map(({ id, fingerprint, text, sources, eventTime, entries }) => [
      id,
      { fingerprint, text, sources, ...(eventTime && { eventTime }), ...(entries !== undefined && { entries }) },
    ]),
  );
  if (sinkKey === undefined) return nodes;
  const text = `Sink(table=[${pipeline}], key=[${sinkKey.join(', ')}])`;
  return nodes.set(SINK, { fingerprint: text, text, sources: [] });
}

/** A node as the log tells of it. */
export function told(
  pipeline: string,
  { text, sources }: Pick<StateNode, 'text' | 'sources'>,
): Readonly<Record<string, string>> {
  return { pipeline, node: firstLine(text), reads: sources.join(', ') };
}

function imagesOf(states: readonly NamedState[]): StateImages {
  return new Map(states.map(({ id, state }) => [id, state.snapshot()]));
}
