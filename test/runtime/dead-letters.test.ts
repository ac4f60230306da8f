import { describe, expect, it } from 'vitest';
import type { DeadLetterTable } from '../../engine/connector/dead-letter.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Rejection } from '../../engine/connector/rejection.ts';
import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import { Journal } from '../../engine/operators/journal.ts';
import { DeadLetters } from '../../engine/runtime/dead-letters.ts';
import type { StateStore } from '../../engine/runtime/state-store.ts';
import { StatefulSink } from '../../engine/runtime/stateful-sink.ts';
import { WithDeadLetters } from '../../engine/runtime/with-dead-letters.ts';
import { type RowBatch, rowsOf } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';
import { context } from './fakes.ts';

const columns = [{ name: 'split_position', type: type.string() }] as const;
const rejection = (position: number, policy: Rejection['policy'] = 'dead-letter'): Rejection => ({
  reason: 'malformed',
  policy,
  message: `record ${position} is bad`,
  split: 's-0',
  position: String(position),
});

interface Opened {
  readonly letters: DeadLetters;
  readonly logged: string[];
  readonly counted: Record<string, number>;
}

function openLetters(maxRatio = 1): Opened {
  const logged: string[] = [];
  const counted: Record<string, number> = {};
  const say = (event: string, fields: Readonly<Record<string, unknown>> = {}) =>
    logged.push(`${event} ${fields.count}`);
  const table: DeadLetterTable = {
    name: 'dead',
    columns,
    createSink: () => {
      throw new Error('the test brings its own');
    },
  };
  const letters = new DeadLetters({
    job: 'job',
    table,
    timeZone: 'UTC',
    maxRatio,
    log: { debug: say, info: say, warn: say, error: say },
    counters: {
      add(name, amount) {
        counted[name] = (counted[name] ?? 0) + amount;
      },
    },
  });
  return { letters, logged, counted };
}

const positions = (batch: RowBatch | undefined) =>
  batch === undefined ? [] : rowsOf([type.string()], batch).map(([position]) => Number(position));

describe('letters', () => {
  it('wait until the position has moved behind them, and belong to the commit that begins after that', () => {
    const { letters } = openLetters();
    const source = letters.ofSource('ticks');
    source.add(rejection(1));
    letters.seal();
    expect([letters.pending, positions(letters.take())]).toEqual([0, []]);
    letters.read('ticks', 0);
    expect(letters.pending).toBe(1);
    letters.seal();
    source.add(rejection(2));
    letters.read('ticks', 5);
    expect([letters.pending, positions(letters.take())]).toEqual([1, [1]]);
    letters.seal();
    expect([letters.pending, positions(letters.take())]).toEqual([0, [2]]);
  });

  it('are told of once, at ten, at a hundred …', () => {
    const { letters, logged, counted } = openLetters();
    const source = letters.ofSource('ticks#2');
    for (let i = 0; i < 250; i++) source.add(rejection(i, i % 2 === 0 ? 'skip' : 'dead-letter'));
    expect(logged).toEqual(['row_rejected 1', 'row_rejected 10', 'row_rejected 100']);
    expect(counted).toEqual({ rejected_malformed: 250, dead_letters: 125 });
  });
});

/** Sinks of rows and letters that keep what each commit wrote; `apart`: they have no transaction in common. */
function openSinks(letters: DeadLetters, apart: boolean) {
  const commits: { readonly letters: number[]; readonly positions: string | undefined }[] = [];
  let written: number[] = [];
  const common = { flush: { maxRows: 10, interval: 0 }, open: async () => {}, close: async () => {}, pending: 0 };
  const table: Sink = {
    ...common,
    write(batch) {
      written.push(...positions(batch));
    },
    async commit() {},
  };
  const rows: Sink = {
    ...common,
    write() {},
    async commit(checkpoint: Checkpoint) {
      commits.push({ letters: written, positions: checkpoint.positions.get('ticks')?.get('s-0') });
      written = [];
    },
    join: () => !apart,
  };
  return { sink: new WithDeadLetters(rows, table, letters), commits };
}

describe.each([
  { title: 'in one transaction', apart: false },
  { title: 'in sinks of their own', apart: true },
])('letters and states, $title', ({ apart }) => {
  it('read while a state is being saved are of the next commit, like their positions', async () => {
    const { letters } = openLetters();
    const source = letters.ofSource('ticks');
    const { sink, commits } = openSinks(letters, apart);
    let saved = () => {};
    const store: StateStore = {
      wantsImages: false,
      replaceNodes: () => {},
      open: async () => {},
      save: () =>
        new Promise((resolve) => {
          saved = resolve;
        }),
      load: async () => undefined,
      committed: async () => {},
      clear: async () => {},
      close: async () => {},
    };
    const journal = new Journal();
    const stateful = new StatefulSink(
      sink,
      store,
      { states: [], journal },
      { pipeline: 'sink', log: context().context.log, keepMatching: false },
    );
    const commit = (position: string) => {
      letters.seal();
      return stateful.commit({ positions: new Map([['ticks', new Map([['s-0', position]])]]) });
    };
    source.add(rejection(1));
    letters.read('ticks', 3);
    const first = commit('2');
    source.add(rejection(2));
    letters.read('ticks', 0);
    saved();
    await first;
    const second = commit('3');
    saved();
    await second;
    expect(commits).toEqual([
      { letters: [1], positions: '2' },
      { letters: [2], positions: '3' },
    ]);
  });
});

describe("'cryptopipe.errors.max-ratio'", () => {
  /** Reads records one by one, true where bad; the number of the one that stops the job. */
  const stopsAt = (maxRatio: number, records: readonly boolean[]): number | undefined => {
    const { letters } = openLetters(maxRatio);
    const source = letters.ofSource('ticks');
    for (const [i, bad] of records.entries()) {
      if (bad) source.add(rejection(i, 'skip'));
      try {
        letters.read('ticks', bad ? 0 : 1);
      } catch (error) {
        expect(error).toBeInstanceOf(RunError);
        expect(error).toMatchObject({ code: 'too-many-errors', passing: false });
        return i + 1;
      }
    }
    return undefined;
  };
  const every = (n: number, length: number) => Array.from({ length }, (_, i) => i % n === n - 1);

  it('says nothing of fewer than a hundred records', () => {
    expect(stopsAt(0, new Array(99).fill(true))).toBeUndefined();
    expect(stopsAt(0, new Array(100).fill(true))).toBe(100);
    expect(stopsAt(0.5, [...new Array(60).fill(true), ...new Array(100).fill(false)])).toBe(100);
  });

  it('lets exactly the share pass', () => {
    expect(stopsAt(0.1, every(10, 5000))).toBeUndefined();
    expect(stopsAt(0.1, every(9, 5000))).toBe(100);
    expect(stopsAt(1, new Array(5000).fill(true))).toBeUndefined();
    expect(stopsAt(0, new Array(5000).fill(false))).toBeUndefined();
  });

  it('looks at the last thousand or so, however many good ones there were before', () => {
    const stopped = stopsAt(0.1, [...new Array(1_000_000).fill(false), ...new Array(1000).fill(true)])!;
    expect(stopped - 1_000_000).toBeGreaterThan(50);
    expect(stopped - 1_000_000).toBeLessThan(130);
  });

  it('names the last error, and counts what a sink refuses too', async () => {
    const { letters } = openLetters(0.5);
    const sink = letters.ofSink('prices');
    letters.read('ticks', 49);
    const many = Array.from({ length: 51 }, (_, i) => rejection(i, 'skip'));
    await expect(sink.refuse(many)).rejects.toMatchObject({
      code: 'too-many-errors',
      message:
        "51 of the last 100 records were rejected, 'cryptopipe.errors.max-ratio' allows 0.5. The last one: record 50 is bad",
      help: 'repair the source or the job; nothing since the last commit was written',
    });
  });
});
