import type { JournalEntry } from '../operators/journal.ts';

/** The operators with state, by id: what tells whether a saved state is theirs. */
export type StateNodes = ReadonlyMap<string, StateNode>;

/** Under this id stands the key by which rows of the sink are changed, where they are. */
export const SINK = 'sink';

/** As `NamedState` of the operators. */
export interface StateNode {
  readonly fingerprint: string;
  readonly text: string;
  readonly sources: readonly string[];
  readonly eventTime?: true;
  /** The number of its entries among those of the changes. */
  readonly entries?: number;
}

/** The states of operators at one moment, by id, as `OperatorState.snapshot` gives them. */
export type StateImages = ReadonlyMap<string, unknown>;

/** What an epoch changed. */
export interface StateChange {
  readonly entries: readonly JournalEntry[];
  /** Of the operators whose entries are not kept. */
  readonly images: StateImages;
}

/** A state as it was saved. */
export interface SavedState {
  readonly nodes: StateNodes;
  /** Absent: no operator remembered anything. */
  readonly images?: StateImages;
  /** What changed since, in order; to be read to the end before anything is saved. */
  readonly changes: AsyncIterable<StateChange>;
}

/**
 * Keeps the states of one pipeline under numbers, the epochs, which grow by one. An epoch is saved before the sink commits
 * it together with rows and positions; which of the saved ones counts, the sink says after a crash.
 */
export interface StateStore {
  /** Whether the next epoch should bring images: there are many changes since the last. */
  readonly wantsImages: boolean;
  /** What was loaded is of other operators than those from now on: the next epoch brings images, and needs nothing before. */
  replaceNodes(): void;
  /** Called before anything else; rejects where another process has it. */
  open(): Promise<void>;
  /** Resolves when the change is durable. `images` are what all operators remember after it. */
  save(epoch: number, nodes: StateNodes, change: StateChange, images: StateImages | undefined): Promise<void>;
  /** Undefined where the epoch is not there. What was saved after it is forgotten. */
  load(epoch: number): Promise<SavedState | undefined>;
  /** `epoch` is committed: no earlier one is asked for again. */
  committed(epoch: number): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** Nothing is saved any more. */
  close(): Promise<void>;
}
