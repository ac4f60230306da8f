import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Worker } from '../connector/context.ts';
import { RunError } from '../connector/errors.ts';
import type { Peer, Sink } from '../connector/sink.ts';
import type { Claim, Positions, Source } from '../connector/source.ts';
import { assignSplits, isOwnSplit } from './assign-splits.ts';
import { Turn } from './turn.ts';

/** What the share of a worker works on. */
export interface ShareContext {
  /** undefined: nobody else can run the job at the same time. */
  readonly worker: Worker | undefined;
  readonly log: Log;
  /** The pipeline's name, for the log. */
  readonly pipeline: string;
  readonly sources: readonly { readonly key: string; readonly source: Source }[];
  readonly sink: Sink;
  /** Positions that the next commit stores, by the keys of sources. */
  readonly positions: Map<string, Positions>;
  /** Positions moved without rows. */
  note(): void;
  /** Resolves when all that was pushed, and `positions`, are durable. */
  flush(): Promise<void>;
  /** Ends the attempt. */
  fail(error: unknown): void;
}

/** A source that cannot share its splits is one split under this name: who holds it reads all. */
const WHOLE = '';
/** How often workers tell each other what they hold: in calm, and while one waits for another to let go; ms. */
const CALM = 1000;
const WAITING = 150;
/** How long a worker that ends waits to say so, ms. */
const LAST_WAIT = 2000;
const ALONE: Worker = { id: '', index: 0, count: 1, timeout: Infinity };
const NOTHING: Claim = { splits: new Map(), anew: false };

/** One source of the pipeline and what this worker does with it. */
class Part {
  readonly key: string;
  readonly source: Source;
  readonly shift: number;
  readonly turn = new Turn();
  /** All splits that were found, whoever reads them. */
  readonly known = new Set<string>();
  /** Those that this worker reads, or has claimed and is about to read. */
  readonly held = new Set<string>();
  /** Settles when the source is open (true) or never will be here (false). */
  readonly opened: Promise<boolean>;
  settle: (opened: boolean) => void = () => {};
  isOpen = false;
  ended = false;

  constructor(key: string, source: Source, shift: number) {
    this.key = key;
    this.source = source;
    this.shift = shift;
    this.opened = new Promise((resolve) => {
      this.settle = resolve;
    });
    if (!this.shares) this.known.add(WHOLE);
  }

  get shares(): boolean {
    return this.source.acquire !== undefined;
  }
}

/**
 * Decides which splits of a pipeline's sources this worker reads while others run the same job.
 *
 * Where the sink lets workers meet, each announces what it holds, takes of its share what nobody else holds, looks once
 * more whether another took it in the same moment, and only then restores the position. What falls to another's share it
 * stops reading, commits, and lets go of. That is for peace only: the sink's commit refuses a worker whose position was
 * moved by another. Elsewhere the workers of the process divide the splits by their names, once for all.
 */
export class Share {
  readonly #context: ShareContext;
  readonly #worker: Worker;
  /** Whether workers of other processes are to be met; otherwise those of this process divide the splits. */
  readonly #meets: boolean;
  readonly #parts: readonly Part[];
  readonly #closed = new AbortController();
  #peers: readonly Peer[] = [];
  #met = performance.now();

  constructor(context: ShareContext) {
    this.#context = context;
    this.#worker = context.worker ?? ALONE;
    this.#meets = context.worker !== undefined && context.sink.meet !== undefined;
    this.#parts = context.sources.map(({ key, source }, i) => new Part(key, source, i));
  }

  /** Opens the sources whose splits, or some of them, fall to this worker. */
  async open(): Promise<void> {
    await this.#meet();
    await Promise.all(this.#parts.map((part) => this.#open(part)));
  }

  /** From now on follows what other workers do. */
  begin(): void {
    if (this.#meets) void this.#follow();
  }

  /** The turn of the i-th source, for its loop. */
  turn(i: number): Turn {
    return this.#parts[i]!.turn;
  }

  /** Whether the i-th source is to be read here; may take until another worker goes. */
  opened(i: number): Promise<boolean> {
    return this.#parts[i]!.opened;
  }

  /** The i-th source has nothing more to read: whether to ask it again, for there may be splits to come. */
  async more(i: number): Promise<boolean> {
    const part = this.#parts[i]!;
    if (!this.#meets || this.#peers.length === 0) return false;
    if (this.#waitsFor(part).length > 0) {
      await sleep(WAITING, undefined, { signal: part.turn.signal }).catch(() => undefined);
      return true;
    }
    await this.#context.flush();
    part.ended = true;
    part.held.clear();
    return false;
  }

  /** Reading ends: nobody waits any longer for what is to come. */
  halt(): void {
    for (const part of this.#parts) {
      part.turn.halt();
      part.settle(false);
    }
  }

  /** Lets others have what this worker holds. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.halt();
    if (!this.#meets) return;
    const left = this.#context.sink.leave?.().catch((error: unknown) => {
      this.#context.log.debug('leave_failed', { pipeline: this.#context.pipeline, reason: String(error) });
    });
    if (left === undefined) return;
    const limit = new AbortController();
    await Promise.race([left, sleep(LAST_WAIT, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
  }

  async #follow(): Promise<void> {
    const calm = Math.min(CALM, this.#worker.timeout / 5);
    while (!this.#closed.signal.aborted) {
      const waiting = this.#parts.some((part) => this.#waitsFor(part).length > 0);
      try {
        await sleep(waiting ? Math.min(WAITING, calm) : calm, undefined, { signal: this.#closed.signal });
        if (await this.#metAgain()) for (const part of this.#parts) await this.#move(part);
      } catch (error) {
        if (!this.#closed.signal.aborted) this.#context.fail(error);
        return;
      }
    }
  }

  /** Meets the others; trouble that passes is the next commit's, unless it lasts. */
  async #metAgain(): Promise<boolean> {
    try {
      await this.#meet();
      return true;
    } catch (error) {
      const passing = error instanceof RunError && error.passing;
      if (!passing || performance.now() - this.#met > this.#worker.timeout) throw error;
      return false;
    }
  }

  async #meet(): Promise<void> {
    const { sink, log, pipeline } = this.#context;
    if (!this.#meets) return;
    const before = this.#peers.length;
    this.#peers = await sink.meet!({
      splits: new Map(this.#parts.map((part) => [part.key, [...part.held]])),
      ended: this.#parts.filter((part) => part.ended).map((part) => part.key),
    });
    this.#met = performance.now();
    if (this.#peers.length !== before) log.info('workers', { pipeline, workers: this.#peers.length + 1 });
  }

  /** Gives and takes what another number of workers or splits moves. */
  async #move(part: Part): Promise<void> {
    if (part.ended) return;
    const due = this.#due(part);
    const lost = [...part.held].filter((split) => !due.has(split));
    if (lost.length > 0 && part.shares) await this.#release(part, lost);
    const gained = this.#waitsFor(part);
    if (gained.length === 0) return;
    if (!part.shares) {
      await this.#open(part);
      return;
    }
    const claim = await this.#claim(part, gained);
    if (claim.splits.size === 0) return;
    await part.source.acquire!(claim);
    await part.turn.run(async () => {
      this.#context.positions.set(part.key, part.source.positions());
      this.#context.note();
    });
  }

  async #release(part: Part, splits: readonly string[]): Promise<void> {
    const { positions, flush, log, pipeline } = this.#context;
    await part.turn.run(async () => {
      const left = part.source.revoke!(splits);
      positions.set(part.key, new Map([...part.source.positions(), ...left]));
      await flush();
      positions.set(part.key, part.source.positions());
    });
    for (const split of splits) part.held.delete(split);
    log.info('splits_released', { pipeline, splits });
    await this.#meet();
  }

  async #open(part: Part): Promise<void> {
    const { sink, positions } = this.#context;
    if (!part.shares && !(await this.#holdWhole(part))) return;
    await part.source.open(
      async (splits) => (await sink.restore?.(part.key, splits)) ?? new Map(),
      async (splits) => {
        for (const split of splits) part.known.add(split);
        return this.#claim(part, this.#waitsFor(part));
      },
    );
    positions.set(part.key, part.source.positions());
    part.isOpen = true;
    part.settle(true);
  }

  async #holdWhole(part: Part): Promise<boolean> {
    if (!this.#meets) {
      // The others of this process know that it is not theirs.
      const mine = this.#due(part).has(WHOLE);
      if (!mine) part.settle(false);
      return mine;
    }
    return (await this.#hold(part, this.#waitsFor(part))).length > 0;
  }

  /** The splits that are this worker's share. */
  #due(part: Part): Set<string> {
    const { known, shift } = part;
    const worker = this.#worker;
    if (!this.#meets) {
      return new Set([...known].filter((split) => isOwnSplit(split, worker.index, worker.count, shift)));
    }
    return part.ended ? new Set() : assignSplits(known, this.#readers(part), worker.id, shift);
  }

  #readers(part: Part): string[] {
    const others = this.#peers.filter((peer) => !peer.ended.includes(part.key));
    return [this.#worker.id, ...others.map((peer) => peer.id)];
  }

  #waitsFor(part: Part): string[] {
    return [...this.#due(part)].filter((split) => !part.held.has(split));
  }

  #heldByOthers(part: Part): Set<string> {
    return new Set(this.#peers.flatMap((peer) => peer.splits.get(part.key) ?? []));
  }

  /** Takes splits that nobody holds. */
  async #hold(part: Part, splits: readonly string[]): Promise<string[]> {
    let taken = this.#heldByOthers(part);
    const free = splits.filter((split) => !taken.has(split));
    if (free.length === 0) return [];
    for (const split of free) part.held.add(split);
    await this.#meet();
    taken = this.#heldByOthers(part);
    for (const split of free) if (taken.has(split)) part.held.delete(split);
    return free.filter((split) => part.held.has(split));
  }

  async #claim(part: Part, splits: readonly string[]): Promise<Claim> {
    const { sink, log, pipeline } = this.#context;
    const before = new Set(part.held);
    let got = await this.#hold(part, splits);
    if (got.length === 0) return NOTHING;
    const wanted = [...part.known].filter((split) => !before.has(split));
    const stored = (await sink.restore?.(part.key, wanted)) ?? new Map<string, string>();
    const anew = before.size === 0 && stored.size === 0;
    if (anew && this.#meets) {
      // One worker decides where the job starts, for all splits at once: 'latest-offset' is one moment.
      const all = this.#isFirst(part) ? [...got, ...(await this.#hold(part, this.#withoutHeld(part)))] : [];
      if (all.length < part.known.size) {
        for (const split of new Set([...got, ...all])) part.held.delete(split);
        return NOTHING;
      }
      got = all;
    }
    if (part.isOpen || this.#peers.length > 0) log.info('splits_gained', { pipeline, splits: got });
    return { splits: new Map(got.map((split) => [split, stored.get(split)])), anew };
  }

  #withoutHeld(part: Part): string[] {
    return [...part.known].filter((split) => !part.held.has(split));
  }

  #isFirst(part: Part): boolean {
    return this.#readers(part).sort()[0] === this.#worker.id;
  }
}
