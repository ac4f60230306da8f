import { ENTRY_HEAD, type Entry, isAdded, type ReadBlock, type Run, type RunWriter, valueLength } from './run.ts';
import { join } from './values.ts';

/** One run on its way through a merge. */
class Cursor {
  readonly #run: Run;
  readonly #read: ReadBlock;
  #next = 0;
  block = Buffer.alloc(0);
  /** Where the entry, its key, its value begin and where it ends. */
  at = 0;
  key = 0;
  value = 0;
  end = 0;
  /** The second until which it is good, 0: for ever. */
  until = 0;
  added = false;
  /** Beyond all hashes where there is nothing more. */
  hash = 0;

  constructor(run: Run, read: ReadBlock) {
    this.#run = run;
    this.#read = read;
    this.advance();
  }

  advance(): void {
    if (this.end === this.block.length) {
      if (this.#next === this.#run.blocks) {
        this.hash = DONE;
        return;
      }
      this.block = Buffer.from(this.#read(this.#run.id, this.#next++));
      this.end = 0;
    }
    this.at = this.end;
    this.hash = this.block.readInt32LE(this.at);
    this.key = this.at + ENTRY_HEAD;
    this.value = this.key + this.block.readUInt32LE(this.at + 4);
    this.end = this.value + valueLength(this.block, this.at);
    this.added = isAdded(this.block, this.at);
    this.until = this.block.readUInt32LE(this.at + 12);
  }

  /** Below 0: comes first; 0: the same key. */
  compare(other: Cursor): number {
    return this.hash - other.hash || this.block.compare(other.block, other.key, other.value, this.key, this.value);
  }
}

const DONE = 2 ** 31;
const NOTHING = Buffer.alloc(0);
const GONE: Entry = { value: NOTHING, added: false, until: 0 };

/** Makes one run of several that were written one after the other, bit by bit. */
export class Merge {
  readonly runs: readonly Run[];
  readonly #cursors: readonly Cursor[];
  readonly #writer: RunWriter;
  readonly #keepsGone: boolean;
  readonly #now: number;

  /**
   * `runs`: oldest first, they stay as they are. `keepsGone`: whether there is something older, for which it has to be
   * remembered that a key is gone. `now`: the second of the clock, what was good until before it is gone.
   */
  constructor(
    runs: readonly Run[],
    read: ReadBlock,
    writer: RunWriter,
    { keepsGone, now }: { readonly keepsGone: boolean; readonly now: number },
  ) {
    this.runs = runs;
    this.#cursors = runs.map((run) => new Cursor(run, read)).reverse();
    this.#writer = writer;
    this.#keepsGone = keepsGone;
    this.#now = now;
  }

  /** Goes on for about so many entries; whether there are more. */
  step(entries: number): boolean {
    for (let n = 0; n < entries; n++) {
      const newest = this.#smallest();
      if (newest.hash === DONE) return false;
      this.#take(newest);
    }
    return true;
  }

  /** Writes what there is of the key that a cursor stands at, and moves all on that stand there. */
  #take(newest: Cursor): void {
    const { hash, block, at, key, value, end } = newest;
    let entry = this.#entryAt(newest);
    // The cursors stand in the order of their runs, the newest first.
    for (const cursor of this.#cursors) {
      if (cursor === newest || cursor.hash !== hash || cursor.compare(newest) !== 0) continue;
      if (entry.added) entry = join(this.#entryAt(cursor), entry);
      cursor.advance();
    }
    newest.advance();
    const added = entry.added && this.#keepsGone;
    if (entry.value.length === 0) {
      if (this.#keepsGone) this.#writer.add(hash, block.subarray(key, value), GONE);
    } else if (entry.value.length === end - value && added === isAdded(block, at)) {
      this.#writer.copy(hash, block, at, end);
    } else this.#writer.add(hash, block.subarray(key, value), { ...entry, added });
  }

  /** What is too old is gone. */
  #entryAt({ block, value, end, until, added }: Cursor): Entry {
    const old = until > 0 && until < this.#now;
    return { value: old ? NOTHING : block.subarray(value, end), added: added && !old, until };
  }

  finish(): Run {
    return this.#writer.finish();
  }

  /** Of equal keys that of the newest run. */
  #smallest(): Cursor {
    let smallest = this.#cursors[0]!;
    for (const cursor of this.#cursors) {
      if (cursor.hash < smallest.hash) smallest = cursor;
      else if (
        cursor.hash === smallest.hash &&
        cursor.hash !== DONE &&
        cursor !== smallest &&
        cursor.compare(smallest) < 0
      )
        smallest = cursor;
    }
    return smallest;
  }
}
