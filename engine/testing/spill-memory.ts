import { deserialize, serialize } from 'node:v8';
import type { SpillPlace, SpillStore } from '../operators/spill.ts';

/** Keeps what operators move out of memory as bytes, and what was sealed: what outlives the crashes of a test. */
export class SpillMemory implements SpillPlace {
  /** So little that one key is too much. */
  readonly memory = 1;
  readonly #sealed = new Map<string, ReadonlyMap<string, readonly Uint8Array[]>[]>();

  async settled(): Promise<void> {}

  async forgetOthers(): Promise<void> {}

  async close(): Promise<void> {}

  open(operator: string): SpillStore {
    const sealed = this.#sealed.get(operator) ?? [];
    this.#sealed.set(operator, sealed);
    let values = new Map<string, readonly Uint8Array[]>();
    return {
      get(key) {
        return (values.get(key.toString('latin1')) ?? []).map((bytes) => deserialize(bytes) as unknown);
      },
      write(entries) {
        for (const { key, value, added } of entries) {
          const text = key.toString('latin1');
          const kept = added === true ? (values.get(text) ?? []) : [];
          if (value === undefined) values.delete(text);
          else values.set(text, [...kept, serialize(value)]);
        }
      },
      seal: () => sealed.push(new Map(values)),
      restore(generation) {
        // Only the last two can be gone back to.
        if (generation < sealed.length - 1) throw new Error(`generation ${generation} is gone`);
        sealed.splice(generation);
        values = new Map(sealed[generation - 1]);
      },
    };
  }
}
