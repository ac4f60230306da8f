import { allocate } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import type { KeyIndex } from '../types/key-index.ts';

/** What is kept under a key from now on. */
export interface SpilledEntry {
  readonly key: Buffer;
  /** `undefined`: nothing is kept any more. */
  readonly value: unknown;
  /** Whether what is kept already stays beside it. */
  readonly added?: boolean;
  /** The clock in milliseconds, from which on the value need not be kept; absent: for ever. */
  readonly until?: number | undefined;
}

/** What one operator moved out of memory, by key, in a store that goes with the checkpoints of its state. */
export interface SpillStore {
  /** The values that are kept under a key, the oldest first. They are the caller's. */
  get(key: Buffer): readonly unknown[];
  write(entries: Iterable<SpilledEntry>): void;
  /**
   * All that was written so far has the number that is returned, durable once `settled` of the place resolves. Called when
   * the number before is in a checkpoint that is committed: only it and the new one can be gone back to. `now`: the clock,
   * in milliseconds, where entries say how long they are good.
   */
  seal(now?: number): number;
  /** Goes back to what `seal` returned a number for; who does not begins with nothing. Called before anything else. */
  restore(generation: number): void;
}

/** Where operators may move state to. */
export interface SpillPlace {
  /** Bytes that the state of a plan may take in memory, roughly; absent: nothing is moved. */
  readonly memory?: number;
  /** The store of one operator, not opened before its first use. */
  open(operator: string): SpillStore;
  /** Resolves when what was sealed is durable. */
  settled(): Promise<void>;
  /** Whatever was moved by operators that have no store here is not gone back to any more. */
  forgetOthers(): Promise<void>;
  /** The plan has ended. */
  close(): Promise<void>;
}

/** What an operator is given for its state. */
export interface SpillOptions {
  readonly memory: number | undefined;
  readonly store: SpillStore;
}

/** How the state of one key leaves and comes back. */
export interface Spillable {
  /** Everything remembered about a key, as plain data; undefined: nothing. */
  save(slot: number): unknown;
  /** Takes what `save` gave; called several times where `add` was. */
  load(slot: number, saved: unknown): void;
  /** Forgets the key, its number included where nobody else needs it. */
  drop(slot: number): void;
  /** Where keys are forgotten after a while: when nothing of it need be kept, undefined where that is not known. */
  until?(slot: number): number | undefined;
  /** The clock that `until` goes by. */
  now?(): number;
}

/** What was moved, for the image of an operator's state. */
export interface SpillImage {
  readonly generation: number;
  /** By the number of a key: `HERE`, `PART` or 0. */
  readonly here: Uint8Array;
}

/** What is remembered of a key is in memory; what came since it left is. */
const HERE = 1;
const PART = 2;

/** What remains in memory after keys were moved, as a share of the limit. */
const KEPT = 0.75;
const SAMPLE = 1024;

/**
 * Keeps the state of an operator's keys below a limit: keys that no row touched for longest move to the store, and come
 * back when a row does. What the store has of a key that is here is outdated. Where something is only added to what is
 * remembered it is not brought back for that: a key may be here with what came since, and there with what was before.
 */
export class Spill {
  readonly #store: SpillStore;
  readonly #limit: number;
  readonly #index: KeyIndex;
  readonly #io: Spillable;
  /** The number of the batch that touched a key last, by slot; 0: not here. */
  #touched = new Int32Array(0);
  #here = new Uint8Array(0);
  #batch = 1;
  /** Whether anything was ever moved. */
  #used = false;
  /** Keys that are gone since the last move, the store not yet told. */
  #gone: SpilledEntry[] = [];

  /** `bytes`: what one of the things that `evict` counts takes in memory. */
  constructor({ memory, store }: SpillOptions, bytes: number, index: KeyIndex, io: Spillable) {
    this.#store = store;
    this.#limit = memory === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(memory / bytes));
    this.#index = index;
    this.#io = io;
  }

  /** The rows of a batch have these keys, negative where they have none: brings back what is remembered of them. */
  touch(slots: Int32Array, length: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY && !this.#used) return;
    this.#grow();
    if (this.#gone.length > 0) this.#tellGone();
    this.#batch++;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0 || this.#touched[slot] === this.#batch) continue;
      if (this.#here[slot] !== HERE && this.#used) {
        for (const saved of this.#store.get(this.#index.bytesOf(slot))) this.#io.load(slot, saved);
      }
      this.#here[slot] = HERE;
      this.#touched[slot] = this.#batch;
    }
  }

  /** The rows of a batch are only added to what is remembered of these keys. */
  add(slots: Int32Array, length: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY && !this.#used) return;
    this.#grow();
    this.#batch++;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      if (this.#here[slot] === 0) this.#here[slot] = this.#used ? PART : HERE;
      this.#touched[slot] = this.#batch;
    }
  }

  /** Nothing is remembered of a key any more; called before the index forgets it. */
  forget(slot: number): void {
    this.#leave(slot);
    if (this.#used) this.#gone.push({ key: this.#index.bytesOf(slot), value: undefined });
  }

  /** Nothing is in memory of a key, and the index forgets it. */
  release(slot: number): void {
    if (this.#here[slot] === HERE) this.forget(slot);
    else this.#leave(slot);
  }

  #leave(slot: number): void {
    if (slot >= this.#here.length) return;
    this.#here[slot] = 0;
    this.#touched[slot] = 0;
  }

  /** Moves keys where there are more than `count` things may be; called at the end of a batch. */
  evict(count: number): void {
    this.move(this.excess(count));
  }

  /** The share of `count` things that has to be moved, 0: none. */
  excess(count: number): number {
    return count <= this.#limit ? 0 : 1 - (KEPT * this.#limit) / count;
  }

  /** Moves about this share of the keys. */
  move(share: number): void {
    if (share === 0) return;
    const before = this.#threshold(share);
    this.#used = true;
    this.#tellGone();
    this.#store.write(this.#moved(before));
  }

  /** The keys that no batch touched since, one by one as they leave. */
  *#moved(before: number): Iterable<SpilledEntry> {
    const { limit } = this.#index;
    for (let slot = 0; slot < limit; slot++) {
      const touched = this.#touched[slot]!;
      if (touched === 0 || touched > before) continue;
      const value = this.#io.save(slot);
      const added = this.#here[slot] === PART;
      const key = this.#index.bytesOf(slot);
      this.#leave(slot);
      if (value !== undefined || !added) yield { key, value, added, until: this.#io.until?.(slot) };
      this.#io.drop(slot);
    }
  }

  /** For the image of the operator's state, which holds what is in memory; undefined where nothing was ever moved. */
  snapshot(): SpillImage | undefined {
    if (!this.#used) return undefined;
    this.#grow();
    this.#tellGone();
    return { generation: this.#store.seal(this.#io.now?.()), here: this.#here.slice(0, this.#index.limit) };
  }

  /** `image` as `snapshot` gave it; the index is restored already. */
  restore(image: SpillImage | undefined): void {
    this.#grow();
    if (image !== undefined) {
      this.#store.restore(image.generation);
      this.#used = true;
    }
    // Keys that are in memory are all here where nothing was moved: HERE is 1.
    this.#here.set(image?.here ?? this.#index.live());
    for (let slot = 0; slot < this.#index.limit; slot++) this.#touched[slot] = this.#here[slot] === 0 ? 0 : 1;
  }

  #tellGone(): void {
    if (this.#gone.length > 0) this.#store.write(this.#gone.splice(0));
  }

  /** The batch up to which keys are moved, so that about `share` of them are. */
  #threshold(share: number): number {
    const { limit } = this.#index;
    const step = Math.max(1, Math.floor(limit / SAMPLE));
    const sample: number[] = [];
    for (let slot = 0; slot < limit; slot += step) if (this.#touched[slot]! > 0) sample.push(this.#touched[slot]!);
    sample.sort((a, b) => a - b);
    return sample[Math.min(sample.length - 1, Math.ceil(share * sample.length))] ?? this.#batch;
  }

  #grow(): void {
    const { limit } = this.#index;
    if (limit <= this.#touched.length) return;
    const touched = new Int32Array(Math.max(limit, this.#touched.length * 2, 64));
    touched.set(this.#touched);
    this.#touched = touched;
    const here = new Uint8Array(touched.length);
    here.set(this.#here);
    this.#here = here;
  }
}

/** About what an object of no fixed size takes, a text or a small array, in bytes. */
const OBJECT_BYTES = 40;

/** About what values of these types take in memory, in bytes, with their NULL bytes. */
export function bytesOf(types: readonly DataType[]): number {
  return types.reduce((bytes, t) => {
    const stored = allocate(t, 0);
    return bytes + 1 + (Array.isArray(stored) ? OBJECT_BYTES : (stored as Uint8Array).BYTES_PER_ELEMENT);
  }, 0);
}
