import { ErrorCode } from '../error-codes.ts';
import { type ProducedBatch, type Refusal, refuse } from './produced-batch.ts';

/** Sequence numbers wrap from 2147483647 to 0. */
const SEQUENCES = 2 ** 31;
/** Batches that an idempotent producer may have in flight, each of which it may send again. */
const REMEMBERED = 5;

interface WrittenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

/** What one partition remembers of one idempotent producer. */
export interface ProducerState {
  readonly epoch: number;
  readonly batches: readonly WrittenBatch[];
  readonly lastTimestamp: number;
}

/** The producers of one partition: finds batches sent twice, gaps between batches, and producers that were replaced. */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();

  /** The base offset of a batch that was written before; a refusal; or undefined where the batch comes next. */
  check(batch: ProducedBatch): number | Refusal | undefined {
    const state = this.#producers.get(batch.producerId);
    if (state === undefined) return undefined;
    const { producerEpoch: epoch, producerId, firstSequence } = batch;
    if (epoch < state.epoch) {
      return refuse(ErrorCode.invalidProducerEpoch, `producer ${producerId} has epoch ${state.epoch}, not ${epoch}`);
    }
    if (epoch > state.epoch) {
      return firstSequence === 0
        ? undefined
        : refuse(ErrorCode.outOfOrderSequenceNumber, `sequence ${firstSequence} at the start of epoch ${epoch}`);
    }
    const last = lastSequenceOf(batch);
    const written = state.batches.find((b) => b.firstSequence === firstSequence && b.lastSequence === last);
    if (written !== undefined) return written.baseOffset;
    const previous = state.batches.at(-1)?.lastSequence ?? -1;
    if (firstSequence === (previous + 1) % SEQUENCES) return undefined;
    return refuse(
      ErrorCode.outOfOrderSequenceNumber,
      `sequence ${firstSequence} of producer ${producerId} after sequence ${previous}`,
    );
  }

  /** Remembers a batch that `check` let pass. */
  add(batch: ProducedBatch, baseOffset: number): void {
    const state = this.#producers.get(batch.producerId);
    const written = { firstSequence: batch.firstSequence, lastSequence: lastSequenceOf(batch), baseOffset };
    const before = state?.epoch === batch.producerEpoch ? state.batches.slice(1 - REMEMBERED) : [];
    this.#producers.set(batch.producerId, {
      epoch: batch.producerEpoch,
      batches: [...before, written],
      lastTimestamp: Date.now(),
    });
  }

  /** The end of a transaction may carry a newer epoch, which shuts out the producer that began it. */
  endTransaction(producerId: number, epoch: number): void {
    const state = this.#producers.get(producerId);
    const batches = state?.epoch === epoch ? state.batches : [];
    this.#producers.set(producerId, { epoch, batches, lastTimestamp: Date.now() });
  }

  entries(): Iterable<[number, ProducerState]> {
    return this.#producers;
  }
}

function lastSequenceOf(batch: ProducedBatch): number {
  return (batch.firstSequence + batch.count - 1) % SEQUENCES;
}
