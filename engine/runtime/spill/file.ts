import { RunError } from '../../connector/errors.ts';
import type { SpilledEntry, SpillStore } from '../../operators/spill.ts';
import { BlockFile } from './blocks.ts';
import { Merge } from './merge.ts';
import { Pending } from './pending.ts';
import { type Entry, type Found, findIn, hashOf, RunWriter } from './run.ts';
import { mergeable, type SealedRun } from './tiers.ts';
import { decodeValues, encodeValue } from './values.ts';

/** What is written at once, in entries and bytes. */
export const PENDING = 32_768;
const PENDING_BYTES = 8 << 20;
/** Merges of no more than so many runs' entries are done at once, larger ones bit by bit. */
const SMALL_MERGE = 8;
/** For each entry that is written so many are merged: an entry is merged several times until it is in the largest run. */
const MERGED = 12;
/** Entries, and blocks that are removed, of one transaction. */
const MERGED_AT_ONCE = 65_536;
const REMOVED_AT_ONCE = 4096;
/** Before the first generation. */
const NONE = 0;

/** What the file says of itself. */
interface Contents {
  /** What can be gone back to: the generation that was sealed last, and the one before. */
  readonly sealed: number;
  readonly below: number;
  /** The clock when each was sealed, in seconds. */
  readonly sealedAt: number;
  readonly belowAt: number;
  /** Oldest first. */
  readonly runs: readonly { readonly id: number; readonly generation: number }[];
}

interface Running {
  readonly merge: Merge;
  readonly inputs: readonly SealedRun[];
}

/**
 * Values by key as a log-structured merge tree: what is written is collected, sorted and appended as a run; the newest run
 * that has a key counts, with older ones where it says so; runs of one size become a larger one. So keys in random order
 * cost no more writing than others. Runs of generations that may have to be dropped are not merged with those of others:
 * going back needs no copy.
 */
export class SpillFile implements SpillStore {
  readonly #file: BlockFile;
  readonly #most: number;
  #pending = new Pending();
  /** Oldest first. */
  #runs: SealedRun[] = [];
  #sealed = NONE;
  #below = NONE;
  #sealedAt = 0;
  /** What is not good any more by then is dropped: later clocks may be gone back from. */
  #belowAt = 0;
  #next = 0;
  #running: Running | undefined;
  /** Runs whose blocks are to be removed. */
  #dead: number[] = [];

  /** `pending`: how many entries are collected. */
  constructor(file: string, pending: number) {
    this.#file = new BlockFile(file);
    this.#most = pending;
  }

  get(key: Buffer): readonly unknown[] {
    const values: unknown[] = [];
    for (const { value, added } of this.#find(key)) {
      values.unshift(...decodeValues(value));
      if (!added) break;
    }
    return values;
  }

  /** What there is of a key, the newest first. */
  *#find(key: Buffer): Iterable<Found> {
    const pending = this.#pending.get(key);
    if (pending !== undefined) yield pending;
    const hash = hashOf(key);
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const found = findIn(this.#runs[i]!.run, hash, key, this.#file.read);
      if (found !== undefined) yield found;
    }
  }

  write(entries: Iterable<SpilledEntry>): void {
    for (const { key, value, added = false, until } of entries) {
      if (value !== undefined) this.#pending.set(key, { value: encodeValue(value), added, until: seconds(until) });
      else if (this.#pending.get(key) !== undefined || this.#mayHave(key)) this.#pending.set(key, GONE);
      if (this.#pending.size >= this.#most || this.#pending.bytes >= PENDING_BYTES) this.#flush();
    }
  }

  #mayHave(key: Buffer): boolean {
    const hash = hashOf(key);
    return this.#runs.some(({ run }) => run.filter.mayHave(hash));
  }

  seal(now?: number): number {
    const generation = this.#sealed + 1;
    if (this.#pending.size > 0) this.#flush();
    this.#below = this.#sealed;
    this.#belowAt = this.#sealedAt;
    this.#sealed = generation;
    this.#sealedAt = seconds(now);
    this.#file.transaction(() => this.#writeContents());
    return generation;
  }

  restore(generation: number): void {
    this.#file.open();
    const contents = this.#file.contents as Contents | undefined;
    if (contents === undefined || (generation !== contents.sealed && generation !== contents.below)) {
      throw new RunError('state-missing', `what state moved to disk at ${generation} is not in ${this.#file.path}`, {
        help: 'restore the checkpoint folder, or start anew with --fresh',
      });
    }
    this.#below = contents.below;
    this.#belowAt = contents.belowAt;
    this.#sealed = generation;
    this.#sealedAt = generation === contents.sealed ? contents.sealedAt : contents.belowAt;
    const kept = contents.runs.filter((run) => run.generation <= generation);
    this.#runs = kept.map((run) => ({ run: this.#file.readIndex(run.id), generation: run.generation }));
    this.#removeOthers(new Set(kept.map(({ id }) => id)));
    this.#file.transaction(() => this.#writeContents());
  }

  /** Of generations after the one that was gone back to, and of merges that were cut off. */
  #removeOthers(kept: ReadonlySet<number>): void {
    for (let id = this.#file.firstRun(0); id !== undefined; id = this.#file.firstRun(id + 1)) {
      const run = id;
      this.#next = run + 1;
      if (!kept.has(run)) while (this.#file.transaction(() => this.#file.remove(run, REMOVED_AT_ONCE)));
    }
  }

  flushed(): Promise<void> {
    return this.#file.flushed();
  }

  /** A file of which no checkpoint knows is removed. */
  async close(): Promise<void> {
    await this.#file.close(this.#sealed === NONE);
  }

  #flush(): void {
    const pending = this.#pending;
    this.#pending = new Pending();
    const id = this.#next++;
    this.#file.transaction(() => {
      const run = pending.writeTo(id, (block, bytes) => this.#file.write(id, block, bytes));
      this.#runs.push({ run, generation: this.#sealed + 1 });
      this.#file.writeIndex(run);
      this.#writeContents();
    });
    this.#tidy(pending.size);
  }

  /** Merges a part of what is to be merged after so many entries were written. */
  #tidy(written: number): void {
    for (;;) {
      const inputs = this.#nextMerge();
      if (inputs === undefined) break;
      const small = inputs.reduce((sum, { run }) => sum + run.entries, 0) <= SMALL_MERGE * this.#most;
      if (!small && this.#running !== undefined) break;
      const running = this.#begin(inputs);
      if (small) this.#finish(running);
      else this.#running = running;
    }
    if (this.#running !== undefined && !this.#goOn(this.#running, written * MERGED)) {
      this.#finish(this.#running);
      this.#running = undefined;
    }
    const dead = this.#dead.at(-1);
    if (dead !== undefined && !this.#file.transaction(() => this.#file.remove(dead, REMOVED_AT_ONCE))) this.#dead.pop();
  }

  /** Runs to be merged that are newer than those of the merge that goes on. */
  #nextMerge(): readonly SealedRun[] | undefined {
    const last = this.#running?.inputs.at(-1);
    return mergeable(
      this.#runs.slice(last === undefined ? 0 : this.#runs.indexOf(last) + 1),
      this.#below,
      this.#sealed,
    );
  }

  #begin(inputs: readonly SealedRun[]): Running {
    const id = this.#next++;
    const runs = inputs.map(({ run }) => run);
    const most = runs.reduce((sum, { entries }) => sum + entries, 0);
    const writer = new RunWriter(id, most, (block, bytes) => this.#file.write(id, block, bytes));
    const keepsGone = this.#runs[0] !== inputs[0];
    return { merge: new Merge(runs, this.#file.read, writer, { keepsGone, now: this.#belowAt }), inputs };
  }

  /** Whether there is more to do. */
  #goOn({ merge }: Running, entries: number): boolean {
    for (let rest = entries; rest > 0; rest -= MERGED_AT_ONCE) {
      if (!this.#file.transaction(() => merge.step(Math.min(rest, MERGED_AT_ONCE)))) return false;
    }
    return true;
  }

  #finish(running: Running): void {
    while (this.#goOn(running, MERGED_AT_ONCE));
    this.#file.transaction(() => {
      const run = running.merge.finish();
      const generation = running.inputs.at(-1)!.generation;
      this.#runs.splice(this.#runs.indexOf(running.inputs[0]!), running.inputs.length, { run, generation });
      this.#file.writeIndex(run);
      this.#writeContents();
    });
    this.#dead.push(...running.inputs.map(({ run }) => run.id));
  }

  #writeContents(): void {
    const runs = this.#runs.map(({ run, generation }) => ({ id: run.id, generation }));
    const contents: Contents = {
      sealed: this.#sealed,
      below: this.#below,
      sealedAt: this.#sealedAt,
      belowAt: this.#belowAt,
      runs,
    };
    this.#file.writeContents(contents);
  }
}

const GONE: Entry = { value: Buffer.alloc(0), added: false, until: 0 };

/** Of milliseconds, so that nothing ends sooner; 0 where there are none. */
function seconds(time: number | undefined): number {
  return time === undefined ? 0 : Math.ceil(time / 1000);
}
