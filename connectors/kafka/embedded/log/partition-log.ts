import { createControlBatch } from './control-batch.ts';
import type { ProducedBatch, Refusal } from './produced-batch.ts';
import { ProducerStates } from './producer-state.ts';

/** A batch as it lies in memory; its offset and leader epoch are patched, all else is as the client sent it. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly bytes: Buffer;
}

/** A transaction that was rolled back: its records lie between its first offset and that of its marker. */
export interface Aborted {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Memory that a batch takes besides its bytes. */
const OVERHEAD = 200;

/** The records of one partition, in memory. `start` ≤ `stable` ≤ `end`; readers of committed records stop at `stable`. */
export class PartitionLog {
  readonly producers = new ProducerStates();
  readonly #batches: StoredBatch[] = [];
  /** Index of the oldest batch still held: dropping one must not move all others. */
  #first = 0;
  #start = 0;
  #end = 0;
  #size = 0;
  /** Producer id → first offset of its open transaction. */
  readonly #open = new Map<number, number>();
  #aborted: Aborted[] = [];
  readonly #listeners = new Set<() => void>();

  /** Offset of the oldest record. */
  get start(): number {
    return this.#start;
  }

  /** Offset of the next record: with one replica also the high watermark. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of memory. */
  get size(): number {
    return this.#size;
  }

  /** The last stable offset: where the oldest open transaction begins, else the end. */
  get stable(): number {
    let stable = this.#end;
    for (const first of this.#open.values()) if (first < stable) stable = first;
    return stable;
  }

  /** Appends a batch and returns its base offset, or that of its first writing where it comes again. */
  write(batch: ProducedBatch): number | Refusal {
    const idempotent = batch.producerId >= 0;
    if (idempotent) {
      const checked = this.producers.check(batch);
      if (checked !== undefined) return checked;
    }
    // A copy of its own: the request's buffer would be kept alive by one small batch in it.
    const baseOffset = this.#store(Buffer.from(batch.bytes), batch.count, batch.maxTimestamp);
    if (idempotent) this.producers.add(batch, baseOffset);
    if (batch.transactional && !this.#open.has(batch.producerId)) this.#open.set(batch.producerId, baseOffset);
    this.#notify();
    return baseOffset;
  }

  /** Ends a producer's transaction in this partition with a control batch. */
  endTransaction(producerId: number, epoch: number, commit: boolean): void {
    const now = Date.now();
    const offset = this.#store(createControlBatch(producerId, epoch, commit, now), 1, now);
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    if (!commit && firstOffset !== undefined) this.#aborted.push({ producerId, firstOffset, lastOffset: offset });
    this.producers.endTransaction(producerId, epoch);
    this.#notify();
  }

  /**
   * Whole batches from the one that holds `offset` up to `limit` (exclusive), at most `maxBytes` but for the first one
   * where `always` is set.
   */
  read(offset: number, limit: number, maxBytes: number, always: boolean): Buffer[] {
    const found: Buffer[] = [];
    let size = 0;
    for (let i = this.#indexOf(offset); i < this.#batches.length; i++) {
      const batch = this.#batches[i]!;
      if (batch.baseOffset >= limit) break;
      size += batch.bytes.length;
      if (size > maxBytes && !(always && found.length === 0)) break;
      found.push(batch.bytes);
    }
    return found;
  }

  /** Where the producer's open transaction begins; undefined where it has none. */
  openSince(producerId: number): number | undefined {
    return this.#open.get(producerId);
  }

  /** Rolled back transactions with records in [from, to). */
  abortedBetween(from: number, to: number): Aborted[] {
    return this.#aborted.filter((a) => a.lastOffset >= from && a.firstOffset < to);
  }

  /** The batches from the one that holds `offset` on, oldest first. */
  *batchesFrom(offset: number): Generator<StoredBatch> {
    for (let i = this.#indexOf(offset); i < this.#batches.length; i++) yield this.#batches[i]!;
  }

  /** Drops the oldest batch, unless it may belong to an open transaction or is the only one; whether it did. */
  dropOldest(): boolean {
    const batch = this.#batches[this.#first];
    if (batch === undefined || this.#first === this.#batches.length - 1 || batch.lastOffset >= this.stable)
      return false;
    this.#batches[this.#first++] = undefined as unknown as StoredBatch;
    if (this.#first > 1024 && this.#first * 2 > this.#batches.length) {
      this.#batches.splice(0, this.#first);
      this.#first = 0;
    }
    this.#size -= batch.bytes.length + OVERHEAD;
    this.#startAt(batch.lastOffset + 1);
    return true;
  }

  /** Forgets the records before `offset` (DeleteRecords). */
  truncateBefore(offset: number): void {
    while (this.#batches[this.#first] !== undefined && this.#batches[this.#first]!.lastOffset < offset) {
      this.#size -= this.#batches[this.#first]!.bytes.length + OVERHEAD;
      this.#batches.splice(this.#first, 1);
    }
    this.#startAt(offset);
  }

  /** Calls `listener` whenever there is more to read, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #startAt(offset: number): void {
    this.#start = Math.max(this.#start, offset);
    this.#aborted = this.#aborted.filter((a) => a.lastOffset >= this.#start);
  }

  #store(bytes: Buffer, count: number, maxTimestamp: number): number {
    const baseOffset = this.#end;
    bytes.writeBigInt64BE(BigInt(baseOffset), 0);
    bytes.writeInt32BE(0, 12);
    this.#batches.push({ baseOffset, lastOffset: baseOffset + count - 1, maxTimestamp, bytes });
    this.#end += count;
    this.#size += bytes.length + OVERHEAD;
    return baseOffset;
  }

  /** Index of the batch that holds `offset`, or of the first one after it. */
  #indexOf(offset: number): number {
    let low = this.#first;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
