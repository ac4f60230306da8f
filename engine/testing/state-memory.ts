import { deserialize, serialize } from 'node:v8';
import type { SavedState, StateChange, StateImages, StateNodes, StateStore } from '../runtime/state-store.ts';

/** Images come with every so manieth epoch, so that restoring them and repeating what came after are both tried. */
const IMAGE_EVERY = 3;

/** Keeps states as bytes: what outlives the crashes of a test. */
export class StateMemory implements StateStore {
  #records: { readonly epoch: number; readonly change: Uint8Array; readonly images: Uint8Array | undefined }[] = [];
  #nodes: StateNodes = new Map();
  #epochs = 0;
  #replaced = false;

  get wantsImages(): boolean {
    return this.#replaced || this.#epochs % IMAGE_EVERY === IMAGE_EVERY - 1;
  }

  replaceNodes(): void {
    this.#replaced = true;
  }

  async open(): Promise<void> {}

  async save(epoch: number, nodes: StateNodes, change: StateChange, images: StateImages | undefined): Promise<void> {
    this.#epochs++;
    this.#replaced = false;
    this.#nodes = nodes;
    this.#records.push({ epoch, change: serialize(change), images: images && serialize(images) });
  }

  async load(epoch: number): Promise<SavedState | undefined> {
    this.#records = this.#records.filter((record) => record.epoch <= epoch);
    if (this.#records.at(-1)?.epoch !== epoch) return undefined;
    const at = this.#records.findLastIndex(({ images }) => images !== undefined);
    const images = this.#records[at]?.images;
    const changes = this.#records.slice(at + 1).map(({ change }) => deserialize(change) as StateChange);
    return {
      nodes: this.#nodes,
      ...(images && { images: deserialize(images) as StateImages }),
      changes: inTurn(changes),
    };
  }

  async committed(epoch: number): Promise<void> {
    const at = this.#records.findLastIndex((record) => record.images !== undefined && record.epoch <= epoch);
    if (at > 0) this.#records.splice(0, at);
  }

  async clear(): Promise<void> {
    this.#records = [];
  }

  async close(): Promise<void> {}
}

async function* inTurn<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values;
}
