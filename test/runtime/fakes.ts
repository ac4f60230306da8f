import type { Log } from '../../engine/connector/context.ts';
import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import { Journal } from '../../engine/operators/journal.ts';
import type { Pipeline, RunContext } from '../../engine/runtime/pipeline.ts';
import { batchOf, type RowBatch, rowsOf } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';

const int = [type.int()];

/** What a database would hold: survives the sinks that write to it. */
export class Store {
  readonly rows: number[] = [];
  readonly positions = new Map<string, Map<string, string>>();
  commits = 0;
}

/** Rows and positions become visible together, at commit. `beforeCommit` may throw or wait. */
export class StoreSink implements Sink {
  readonly flush: { readonly maxRows: number; readonly interval: number };
  readonly #store: Store;
  readonly #beforeCommit: (sink: StoreSink) => void | Promise<void>;
  #buffer: number[] = [];
  closed = false;

  constructor(store: Store, beforeCommit: (sink: StoreSink) => void | Promise<void> = () => {}, maxRows = 1000) {
    this.#store = store;
    this.#beforeCommit = beforeCommit;
    this.flush = { maxRows, interval: 1000 };
  }

  get pending(): number {
    return this.#buffer.length;
  }

  async open(): Promise<void> {}

  write(batch: RowBatch): void {
    this.#buffer.push(...rowsOf(int, batch).map((row) => row[0] as number));
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const rows = this.#buffer;
    this.#buffer = [];
    await this.#beforeCommit(this);
    this.#store.rows.push(...rows);
    this.#store.commits++;
    for (const [source, positions] of checkpoint.positions) this.#store.positions.set(source, new Map(positions));
  }

  async restore(source: string, splits: readonly string[]): Promise<Positions> {
    const stored = this.#store.positions.get(source);
    return new Map(splits.flatMap((s) => (stored?.has(s) ? [[s, stored.get(s)!]] : [])));
  }

  async forget(): Promise<void> {
    this.#store.positions.clear();
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Gives the numbers 0 … count-1 in batches; its position is the next number. Unbounded ones wait for the signal. */
export class CountingSource implements Source {
  readonly #count: number;
  readonly #batch: number;
  readonly #bounded: boolean;
  readonly #beforePoll: (next: number) => void;
  #next = 0;
  acknowledged: Positions[] = [];

  constructor(count: number, batch: number, options: { bounded?: boolean; beforePoll?: (next: number) => void } = {}) {
    this.#count = count;
    this.#batch = batch;
    this.#bounded = options.bounded ?? true;
    this.#beforePoll = options.beforePoll ?? (() => {});
  }

  async open(restore: RestorePositions): Promise<void> {
    this.#next = Number((await restore(['s'])).get('s') ?? 0);
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    signal.throwIfAborted();
    this.#beforePoll(this.#next);
    if (this.#next >= this.#count) {
      if (this.#bounded) return null;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    }
    const end = Math.min(this.#count, this.#next + this.#batch);
    const rows = Array.from({ length: end - this.#next }, (_, i) => [this.#next + i]);
    this.#next = end;
    return batchOf(int, rows);
  }

  positions(): Positions {
    return new Map([['s', String(this.#next)]]);
  }

  acknowledge(positions: Positions): void {
    this.acknowledged.push(positions);
  }

  async close(): Promise<void> {}
}

const fields = [{ name: 'n', type: type.int() }];

export function pipeline(createSource: () => Source, createSink: () => Sink): Pipeline {
  return {
    name: 'sink',
    fields,
    sources: [{ id: 'numbers', key: 'numbers', fields, create: createSource }],
    createSink,
    instantiate: (emit) => ({ ports: [{ push: emit, advance: () => undefined }], states: [], journal: new Journal() }),
  };
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function context(overrides: Partial<RunContext> = {}): { context: RunContext; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, event, fields });
    };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return {
    lines,
    context: {
      job: 'job',
      log,
      counters: { add: () => {} },
      createTables: false,
      timeZone: 'UTC',
      notNull: 'ERROR',
      fresh: false,
      checkpointFolder: '/nonexistent',
      maxRestartDuration: Infinity,
      ...overrides,
    },
  };
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
