import { RunError } from '../connector/errors.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { NamedState, RunningPlan } from '../operators/operator.ts';
import type { SpillPlace } from '../operators/spill.ts';
import type { RowBatch } from '../types/batch.ts';
import { FileCheckpointed } from './checkpoint-file.ts';
import { stateMismatch } from './state-mismatch.ts';
import type { StateChange, StateImages, StateNodes, StateStore } from './state-store.ts';

/** The epoch of the state is committed like the position of a split of this source, in the sink's own transaction. */
const STATE = '(state)';
const EPOCH = 'epoch';

/**
 * Commits the states of a pipeline's operators with its rows: what changed is saved under a new epoch first, and the epoch
 * goes out in one transaction with rows and positions, whatever the sink. After a crash it names the states that count.
 */
export class StatefulSink implements Sink {
  readonly #sink: Sink;
  readonly #store: StateStore;
  readonly #plan: StatefulPlan;
  readonly #nodes: StateNodes;
  readonly #spill: SpillPlace | undefined;
  #epoch = 0;
  #saving: Promise<void> | undefined;

  /** `sink` restores positions: itself, or through a checkpoint file. `spill` is where the plan moves state to. */
  constructor(sink: Sink, store: StateStore, plan: StatefulPlan, spill?: SpillPlace) {
    this.#spill = spill;
    this.#sink = sink;
    this.#store = store;
    this.#plan = plan;
    this.#nodes = new Map(plan.states.map(({ id, fingerprint, text }) => [id, { fingerprint, text }]));
  }

  get pending(): number {
    return this.#sink.pending;
  }

  get flush(): Sink['flush'] {
    return this.#sink.flush;
  }

  open(): Promise<void> {
    return this.#sink.open();
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
    const positions = new Map(checkpoint.positions).set(STATE, new Map([[EPOCH, String(epoch)]]));
    await this.#sink.commit({ positions });
    this.#epoch = epoch;
    await this.#store.committed(epoch);
  }

  /** An image names what was moved out of memory: both have to be durable. */
  async #save(epoch: number, change: StateChange, images: StateImages | undefined): Promise<void> {
    if (images !== undefined) await this.#spill?.settled();
    await this.#store.save(epoch, this.#nodes, change, images);
  }

  /** Brings the operators to where the last commit left them; called after `open`, before the first batch. */
  async restoreStates(): Promise<void> {
    const { journal } = this.#plan;
    const text = (await this.#sink.restore?.(STATE, [EPOCH]))?.get(EPOCH);
    // What an attempt saved that never got to commit anything.
    if (text === undefined) await this.#store.clear();
    else await this.#load(Number(text));
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
    if (mismatch !== undefined) throw mismatch;
    this.#restoreImages(saved.images);
    let last: StateImages | undefined;
    for await (const { entries, images } of saved.changes) {
      this.#plan.journal.replay(entries);
      last = images;
    }
    this.#restoreImages(last);
  }

  #restoreImages(images: StateImages | undefined): void {
    for (const { id, state } of this.#plan.states) {
      if (images?.has(id)) state.restore(images.get(id));
    }
  }

  restore(source: string, splits: readonly string[]): Promise<Positions> {
    return this.#sink.restore!(source, splits);
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

function imagesOf(states: readonly NamedState[]): StateImages {
  return new Map(states.map(({ id, state }) => [id, state.snapshot()]));
}
