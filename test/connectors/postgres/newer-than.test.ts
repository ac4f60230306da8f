import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sink } from '../../../engine/connector/sink.ts';
import { batchOf, type RowBatch } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need } from '../../servers/index.ts';
import { bindJdbc, failure, type SinkOf, sinkOf } from './sink-of.ts';

const servers = await need('postgres');
const NOTHING = { positions: new Map() };
const [INSERT, BEFORE, AFTER, DELETE] = [0, 1, 2, 3];

/** A row of `columns` as a test writes it: key, time, note, kind. */
type Row = readonly [string, number | null, string, number?];

servers.describe('newer-than', () => {
  let database: Database;
  const sinks: Sink[] = [];
  let tables = 0;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
  });
  afterAll(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    await database?.drop();
  });

  const columnsWith = (time: DataType) => ({ symbol: type.string(), event_time: time, note: type.string() });
  const columns = columnsWith(type.bigint());
  const openSink = async (more: Partial<SinkOf> = {}): Promise<Sink> => {
    const sink = sinkOf({
      url: database.url,
      table: 'prices',
      columns,
      primaryKey: ['symbol'],
      createTables: true,
      ...more,
      options: { 'newer-than': 'event_time', ...more.options },
    });
    sinks.push(sink);
    await sink.open();
    return sink;
  };
  const batch = (...rows: Row[]): RowBatch => ({
    ...batchOf(
      Object.values(columns),
      rows.map(([symbol, time, note]) => [symbol, time === null ? null : BigInt(time), note]),
    ),
    kinds: Uint8Array.from(rows.map((row) => row[3] ?? INSERT)),
  });
  const stored = async (table: string) => {
    const rows = await database.query(`SELECT symbol, event_time::text AS time, note FROM ${table} ORDER BY symbol`);
    return rows.map((row) => `${row.symbol} ${row.time} ${row.note}`);
  };
  /** What a table of its own holds after the commits, each of them of several batches. */
  const after = async (commits: readonly (readonly RowBatch[])[]): Promise<string[]> => {
    const table = `t${tables++}`;
    const sink = await openSink({ table });
    for (const batches of commits) {
      for (const rows of batches) sink.write(rows);
      await sink.commit(NOTHING);
    }
    return stored(table);
  };
  /** The same rows in one batch, in batches of one commit, and in commits. */
  const everyWay = async (...rows: Row[]): Promise<string[]> => {
    const whole = await after([[batch(...rows)]]);
    expect(await after([rows.map((row) => batch(row))])).toEqual(whole);
    expect(await after(rows.map((row) => [batch(row)]))).toEqual(whole);
    return whole;
  };

  it('keeps the newest row of each key, in whatever order and commits they come', async () => {
    const rows: Row[] = [
      ['BTC', 5, 'five'],
      ['ETH', 1, 'one'],
      ['BTC', 9, 'nine'],
      ['BTC', 7, 'late'],
      ['ETH', 2, 'two'],
      ['BTC', 1, 'very late'],
    ];
    expect(await everyWay(...rows)).toEqual(['BTC 9 nine', 'ETH 2 two']);
    expect(await everyWay(...rows.toReversed())).toEqual(['BTC 9 nine', 'ETH 2 two']);
  });

  it('lets rows of the same time replace each other, so that a correction gets in', async () => {
    expect(await everyWay(['a', 5, 'first'], ['a', 5, 'corrected'])).toEqual(['a 5 corrected']);
  });

  it('takes rows without a time for older than all others', async () => {
    expect(await everyWay(['a', null, 'one'], ['a', null, 'two'])).toEqual(['a null two']);
    expect(await everyWay(['a', null, 'one'], ['a', -5, 'timed'], ['a', null, 'three'])).toEqual(['a -5 timed']);
  });

  it('deletes what is not newer than the deletion', async () => {
    expect(await everyWay(['a', 5, 'row'], ['a', 4, '', DELETE])).toEqual(['a 5 row']);
    expect(await everyWay(['a', 5, 'row'], ['a', 5, '', DELETE])).toEqual([]);
    expect(await everyWay(['a', 5, 'row'], ['a', 6, '', DELETE], ['a', 7, 'back'])).toEqual(['a 7 back']);
    expect(await everyWay(['a', 5, 'row'], ['a', null, '', DELETE])).toEqual(['a 5 row']);
    expect(await everyWay(['a', null, 'row'], ['a', null, '', DELETE])).toEqual([]);
  });

  it('takes an update for its new row alone', async () => {
    const update = batch(['a', 5, 'old', BEFORE], ['a', 6, 'new', AFTER]);
    expect(await after([[batch(['a', 5, 'old'])], [update]])).toEqual(['a 6 new']);
    expect(await after([[batch(['a', 5, 'old']), update]])).toEqual(['a 6 new']);
    const back = batch(['a', 5, 'old', BEFORE], ['a', 3, 'older', AFTER]);
    expect(await after([[batch(['a', 5, 'old'])], [back]])).toEqual(['a 5 old']);
    const moved = batch(['a', 5, 'old', BEFORE], ['b', 5, 'old', AFTER]);
    expect(await after([[batch(['a', 5, 'old'])], [moved]])).toEqual(['b 5 old']);
  });

  it('holds when a job starts over and reads everything again', async () => {
    const first = await openSink({ table: 'replayed' });
    const all = [batch(['a', 1, 'one']), batch(['a', 2, 'two']), batch(['b', 9, 'nine'])];
    for (const rows of all) {
      first.write(rows);
      await first.commit(NOTHING);
    }
    const again = await openSink({ table: 'replayed' });
    again.write(all[0]!);
    await again.commit(NOTHING);
    expect(await stored('replayed')).toEqual(['a 2 two', 'b 9 nine']);
  });

  it('holds between workers that read partitions of one key at different speeds', async () => {
    const [fast, slow] = [await openSink({ table: 'shared' }), await openSink({ table: 'shared' })];
    const keys = ['a', 'b', 'c', 'd'];
    const run = async (sink: Sink, times: readonly number[], note: string) => {
      for (const time of times) {
        sink.write(batch(...keys.map((key): Row => [key, time, note])));
        await sink.commit(NOTHING);
      }
    };
    const times = Array.from({ length: 40 }, (_, i) => i);
    await Promise.all([
      run(
        fast,
        times.map((t) => t * 2 + 1),
        'odd',
      ),
      run(
        slow,
        times.map((t) => t * 2),
        'even',
      ),
    ]);
    expect(await stored('shared')).toEqual(keys.map((key) => `${key} 79 odd`));
  });

  it('compares as PostgreSQL does, whatever the type', async () => {
    const cases: [DataType, Scalar, Scalar][] = [
      [type.tinyint(), -128, 127],
      [type.int(), -1, 0],
      [type.double(), 1e300, Number.NaN],
      [type.float(), -1.5, -0.5],
      [type.decimal(38, 3), -(10n ** 37n), 10n ** 37n],
      [type.decimal(10, 2), 5n, 40n],
      [type.date(), 19_675, 19_676],
      [type.time(3), 5000, 40_000],
      [type.timestamp(3), 999_000n, 1_000_000n],
      [type.timestamp(9), 999_999_000n, 1_000_000_000n],
      [type.timestampLtz(3), -1000n, 1000n],
    ];
    for (const [time, earlier, later] of cases) {
      const of = columnsWith(time);
      for (const apart of [false, true]) {
        const table = `typed${tables++}`;
        const sink = await openSink({ table, columns: of });
        const rows = [
          ['a', later, 'later'],
          ['a', earlier, 'earlier'],
          ['b', earlier, 'earlier'],
          ['b', later, 'later'],
        ];
        if (apart) {
          for (const row of rows) {
            sink.write(batchOf(Object.values(of), [row]));
            await sink.commit(NOTHING);
          }
        } else {
          sink.write(batchOf(Object.values(of), rows));
          await sink.commit(NOTHING);
        }
        const notes = await database.query(`SELECT note FROM ${table} ORDER BY symbol`);
        expect(notes, `${time.kind} ${apart}`).toEqual([{ note: 'later' }, { note: 'later' }]);
      }
    }
  });

  it('gives the same rows for every way to cut a stream into batches and commits', async () => {
    const row = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.option(fc.integer({ min: 0, max: 5 })),
      fc.string({ maxLength: 2, unit: fc.constantFrom('x', 'y', 'z') }),
    );
    const stream = fc.array(fc.array(fc.array(row, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(stream, async (commits) => {
        const newest = new Map<string, Row>();
        for (const next of commits.flat(2)) {
          const held = newest.get(next[0]);
          if (held === undefined || (next[1] ?? -1) >= (held[1] ?? -1)) newest.set(next[0], next);
        }
        const expected = [...newest.values()].map(([key, time, note]) => `${key} ${time} ${note}`).sort();
        expect(await after(commits.map((batches) => batches.map((rows) => batch(...rows))))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a column of the table where values lose their order', async () => {
    const open = async (made: string, time: DataType, timeZone = 'UTC') => {
      const table = `unfit${tables++}`;
      await database.query(`CREATE TABLE ${table} (symbol text PRIMARY KEY, event_time ${made}, note text)`);
      return openSink({ table, columns: columnsWith(time), timeZone });
    };
    expect(await failure(open('date', type.timestamp(3)))).toMatchObject({
      code: 'jdbc-table',
      message: expect.stringContaining(
        "is date, where values of TIMESTAMP(3) do not keep their order: 'newer-than' cannot compare them there",
      ),
      help: expect.stringContaining('TYPE timestamp(3)'),
    });
    expect(await failure(open('text', type.bigint()))).toMatchObject({ code: 'jdbc-table' });
    expect(await failure(open('numeric(10, 0)', type.decimal(10, 2)))).toMatchObject({ code: 'jdbc-table' });
    // 02:30 comes twice where clocks are set back.
    expect(await failure(open('timestamp', type.timestampLtz(3), 'Europe/Berlin'))).toMatchObject({
      code: 'jdbc-table',
    });
    for (const zone of ['UTC', 'GMT+02:00']) await open('timestamp', type.timestampLtz(3), zone);
    await open('numeric', type.bigint());
    await open('timestamptz', type.timestampLtz(3), 'Europe/Berlin');
  });
});

describe('the option newer-than', () => {
  const given = { symbol: type.string(), event_time: type.timestamp(3), price: type.double(), note: type.string() };
  const reported = (name: string, primaryKey: readonly string[] | undefined = ['symbol']) => {
    const { diagnostics } = bindJdbc({
      url: 'postgres://me:secret@localhost:5432/db',
      table: 'prices',
      columns: given,
      ...(primaryKey.length === 0 ? {} : { primaryKey }),
      options: { 'newer-than': name },
    });
    return diagnostics.map(({ code, message, help }) => ({ code, message, help }));
  };

  it('names a column with a time or a number, outside of the key', () => {
    expect(reported('event_time')).toEqual([]);
    expect(reported('price')).toEqual([]);
    expect(reported('event_tim')).toEqual([
      {
        code: 'bad-option',
        message: "table 'target' has no column 'event_tim' to tell newer rows by",
        help: "did you mean 'event_time'?",
      },
    ]);
    expect(reported('when')).toMatchObject([{ help: 'columns that can: event_time, price' }]);
    expect(reported('note')).toMatchObject([
      { code: 'bad-option', message: "column 'note' is STRING, which does not tell newer rows from older ones" },
    ]);
    expect(reported('event_time', ['symbol', 'event_time'])).toMatchObject([
      { message: "column 'event_time' belongs to the PRIMARY KEY: rows that differ in it never replace each other" },
    ]);
  });

  it('wants a key', () => {
    expect(reported('event_time', [])).toEqual([
      {
        code: 'conflicting-options',
        message: "option 'newer-than' compares rows of one key, but table 'target' has no PRIMARY KEY",
        help: 'declare PRIMARY KEY (…) NOT ENFORCED, or remove the option',
      },
    ]);
  });
});
