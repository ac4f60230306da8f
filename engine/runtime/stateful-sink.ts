import { RunError } from '../connector/errors.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { NamedState } from '../operators/operator.ts';
import type { RowBatch } from '../types/batch.ts';
import { FileCheckpointed } from './checkpoint-file.ts';
import type { StateImages, StateStore } from './state-store.ts';

/** The epoch of the state is committed like the position of a split of this source, in the sink's own transaction. */
const STATE = '(state)';
const EPOCH = 'epoch';

/**
 * Commits the states of a pipeline's operators with its rows: they are saved under a new epoch first, and the epoch goes
 * out in one transaction with rows and positions, whatever the sink. After a crash it names the states that count.
 */
export class StatefulSink implements Sink {
  readonly #sink: Sink;
  readonly #store: StateStore;
  readonly #states: readonly NamedState[];
  #epoch = 0;
  #saving: Promise<void> | undefined;

  /** `sink` restores positions: itself, or through a checkpoint file. */
  constructor(sink: Sink, store: StateStore, states: readonly NamedState[]) {
    this.#sink = sink;
    this.#store = store;
    this.#states = states;
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
    const images = this.#snapshot();
    const epoch = this.#epoch + 1;
    this.#saving = this.#store.save(epoch, images);
    // Who waits to write was not first to wait: the sink begins this commit before it gets their rows.
    await this.#saving;
    this.#saving = undefined;
    const positions = new Map(checkpoint.positions).set(STATE, new Map([[EPOCH, String(epoch)]]));
    await this.#sink.commit({ positions });
    this.#epoch = epoch;
    await this.#store.committed(epoch);
  }

  /** Brings the operators to where the last commit left them; called after `open`, before the first batch. */
  async restoreStates(): Promise<void> {
    const text = (await this.#sink.restore?.(STATE, [EPOCH]))?.get(EPOCH);
    if (text === undefined) return;
    this.#epoch = Number(text);
    const images = await this.#store.load(this.#epoch);
    if (images === undefined) {
      throw new RunError('state-missing', `the sink was committed with state ${text}, which is not on this machine`, {
        help: 'restore the checkpoint folder, or start anew with --fresh',
      });
    }
    for (const { id, fingerprint, state } of this.#states) {
      const stored = images.get(id);
      if (stored?.fingerprint !== fingerprint) {
        throw new RunError('state-mismatch', `the query changed: what '${id}' of it remembered does not fit any more`, {
          help: 'start anew with --fresh, or run the old query',
        });
      }
      state.restore(stored.image);
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

  close(): Promise<void> {
    return this.#sink.close();
  }

  #snapshot(): StateImages {
    return new Map(this.#states.map(({ id, fingerprint, state }) => [id, { fingerprint, image: state.snapshot() }]));
  }
}
