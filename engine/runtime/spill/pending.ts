import { type Entry, hashOf, type Run, RunWriter, type WriteBlock } from './run.ts';
import { join } from './values.ts';

/** Entries that are not in a file yet, the last of each key. */
export class Pending {
  readonly #at = new Map<string, number>();
  readonly #keys: Buffer[] = [];
  readonly #entries: Entry[] = [];
  /** Of all values that were set, roughly what they take. */
  bytes = 0;

  get size(): number {
    return this.#keys.length;
  }

  get(key: Buffer): Entry | undefined {
    return this.#entries[this.#at.get(key.toString('latin1')) ?? -1];
  }

  set(key: Buffer, entry: Entry): void {
    const text = key.toString('latin1');
    const at = this.#at.get(text) ?? this.#keys.length;
    if (at === this.#keys.length) {
      this.#at.set(text, at);
      this.#keys.push(key);
    }
    const older = this.#entries[at];
    this.#entries[at] = entry.added && older !== undefined ? join(older, entry) : entry;
    this.bytes += key.length + entry.value.length;
  }

  writeTo(id: number, write: WriteBlock): Run {
    const writer = new RunWriter(id, this.size, write);
    for (const { hash, at } of this.#sorted()) writer.add(hash, this.#keys[at]!, this.#entries[at]!);
    return writer.finish();
  }

  /** By hash, entries with one hash by key. */
  *#sorted(): Iterable<{ readonly hash: number; readonly at: number }> {
    // Hash and place in one number: numbers are sorted fastest.
    const size = 2 ** 21;
    const order = Float64Array.from(this.#keys, (key, at) => hashOf(key) * size + at).sort();
    for (let i = 0; i < order.length; ) {
      const hash = Math.floor(order[i]! / size);
      const same = [order[i++]! % size];
      while (i < order.length && Math.floor(order[i]! / size) === hash) same.push(order[i++]! % size);
      if (same.length > 1) same.sort((a, b) => this.#keys[a]!.compare(this.#keys[b]!));
      for (const at of same) yield { hash, at };
    }
  }
}
