import { describe, expect, test } from 'vitest';
import { type RowBatch, rowsOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { bind, readAll, sourceOf } from '../table-harness.ts';

const fast = { connector: 'datagen', 'rows-per-second': '1000000' };

function generate(columns: Record<string, DataType>, options: Record<string, string>): Promise<Scalar[][]> {
  return readAll(sourceOf({ columns, options: { ...fast, ...options } }), Object.values(columns));
}

describe('sequences', () => {
  test('count from start to end in every type and end the source', async () => {
    const columns = { i: type.int(), s: type.string(), d: type.decimal(10, 2), f: type.double() };
    const options = Object.fromEntries(
      Object.keys(columns).flatMap((name) => [
        [`fields.${name}.kind`, 'sequence'],
        [`fields.${name}.start`, '-1'],
        [`fields.${name}.end`, '1'],
      ]),
    );
    expect(await generate(columns, options)).toEqual([
      [-1, '-1', -100n, -1],
      [0, '0', 0n, 0],
      [1, '1', 100n, 1],
    ]);
  });

  test('the shortest one ends the source, and number-of-rows before it', async () => {
    const columns = { a: type.int(), b: type.int() };
    const options = {
      'fields.a.kind': 'sequence',
      'fields.a.start': '1',
      'fields.a.end': '5',
      'fields.b.kind': 'sequence',
      'fields.b.start': '1',
      'fields.b.end': '3',
    };
    expect(await generate(columns, options)).toHaveLength(3);
    expect(await generate(columns, { ...options, 'number-of-rows': '2' })).toHaveLength(2);
  });

  test('a restored source goes on where it was', async () => {
    const options = { ...fast, 'fields.a.kind': 'sequence', 'fields.a.start': '1', 'fields.a.end': '5' };
    const source = sourceOf({ columns: { a: type.int() }, options });
    expect(await readAll(source, [type.int()], new Map([['rows', '3']]))).toEqual([[4], [5]]);
    expect(source.positions()).toEqual(new Map([['rows', '5']]));
  });
});

describe('random values', () => {
  const columns = {
    b: type.boolean(),
    i: type.int(),
    l: type.bigint(),
    d: type.double(),
    m: type.decimal(6, 2),
    s: type.string(),
    c: type.char(4),
    a: type.array(type.int()),
    r: type.row([{ name: 'x', type: type.int() }]),
  };
  const options = {
    'number-of-rows': '2000',
    seed: '7',
    'fields.i.min': '-2',
    'fields.i.max': '2',
    'fields.l.min': '9223372036854775800',
    'fields.d.min': '1.5',
    'fields.d.max': '2.5',
    'fields.m.min': '-1.5',
    'fields.m.max': '1.25',
    'fields.s.length': '8',
    'fields.s.var-len': 'true',
    'fields.a.element.min': '1',
    'fields.a.element.max': '2',
    'fields.r.x.min': '5',
    'fields.r.x.max': '5',
    'fields.b.null-rate': '0.5',
  };

  test('stay in their bounds and reach them', async () => {
    const rows = await generate(columns, options);
    const column = (i: number) => rows.map((row) => row[i]!);
    expect(new Set(column(0))).toEqual(new Set([true, false, null]));
    expect([...new Set(column(1))].sort()).toEqual([-1, -2, 0, 1, 2]);
    expect(new Set(column(2)).size).toBe(8);
    for (const d of column(3)) expect(d).toSatisfy((x: number) => x >= 1.5 && x <= 2.5);
    for (const m of column(4)) expect(m).toSatisfy((x: bigint) => x >= -150n && x <= 125n);
    expect(new Set(column(5).map((s) => (s as string).length))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
    for (const c of column(6)) expect(c).toMatch(/^[0-9a-f]{4}$/);
    for (const a of column(7)) expect(a).toHaveLength(3);
    expect(new Set(column(8).map((r) => (r as number[])[0]))).toEqual(new Set([5]));
    const nulls = column(0).filter((b) => b === null).length;
    expect(nulls).toBeGreaterThan(800);
    expect(nulls).toBeLessThan(1200);
  });

  test('are the same for the same seed, also after a restore and for some columns only', async () => {
    const all = await generate(columns, options);
    expect(await generate(columns, options)).toEqual(all);
    expect(await generate(columns, { ...options, seed: '8' })).not.toEqual(all);
    const types = Object.values(columns);
    const restored = sourceOf({ columns, options: { ...fast, ...options } });
    expect(await readAll(restored, types, new Map([['rows', '1990']]))).toEqual(all.slice(1990));
    const pruned = sourceOf({ columns, options: { ...fast, ...options } }, [5]);
    expect(await readAll(pruned, [columns.s])).toEqual(all.map((row) => [row[5]]));
  });

  test('texts have 100 characters unless told otherwise, and never more than declared', async () => {
    const [row] = await generate({ a: type.string(), b: type.varchar(7) }, { 'number-of-rows': '1' });
    expect(row!.map((text) => (text as string).length)).toEqual([100, 7]);
  });

  test('timestamps are now or in the past that was asked for', async () => {
    const before = BigInt(Date.now()) * 1000n;
    const [row] = await generate(
      { now: type.timestamp(3), past: type.timestamp(3) },
      { 'number-of-rows': '1', 'fields.past.max-past': '1 h' },
    );
    const [now, past] = row as bigint[];
    expect(now).toBeGreaterThanOrEqual(before);
    expect(past).toBeGreaterThan(before - 3_600_000_000n);
  });
});

test('the rate is kept: no more rows than are due, no batch without rows', async () => {
  const source = sourceOf({ columns: { a: type.int() }, options: { connector: 'datagen', 'rows-per-second': '200' } });
  const from = performance.now();
  await source.open(async () => new Map());
  let rows = 0;
  for (let i = 0; i < 4; i++) {
    const batch = (await source.poll(new AbortController().signal)) as RowBatch;
    expect(batch.length).toBeGreaterThan(0);
    rows += rowsOf([type.int()], batch).length;
    expect(rows).toBeLessThanOrEqual(((performance.now() - from) * 200) / 1000 + 1);
  }
  await source.close();
});

test('a waiting source stops at once', async () => {
  const source = sourceOf({ columns: { a: type.int() }, options: { connector: 'datagen', 'rows-per-second': '1' } });
  await source.open(async () => new Map());
  const abort = new AbortController();
  const poll = source.poll(abort.signal);
  abort.abort();
  await expect(poll).rejects.toThrow();
  await source.close();
});

describe('mistakes', () => {
  const table = (options: Record<string, string>, columns: Record<string, DataType> = { a: type.int() }) =>
    bind({ columns, options: { connector: 'datagen', ...options } }, 'source').messages;

  test.each<[Record<string, string>, string]>([
    [{ 'fields.b.min': '1' }, "the table has no column for option 'fields.b.min'"],
    [{ 'fields.a.mim': '1' }, "the field has no option 'mim'"],
    [{ 'fields.a.min': 'x' }, "'x' is not a value for 'min'"],
    [{ 'fields.a.min': '3', 'fields.a.max': '2' }, "'min' 3 is greater than 'max' 2"],
    [{ 'fields.a.kind': 'serial' }, "expected one of 'random', 'sequence'"],
    [{ 'fields.a.kind': 'sequence', 'fields.a.start': '1' }, "a sequence needs 'end'"],
    [{ 'fields.a.null-rate': '2' }, 'expected a number from 0 to 1'],
    [{ 'rows-per-second': '0' }, 'must be at least 1'],
  ])('%j', (options, message) => {
    expect(table(options)).toContainEqual(expect.stringContaining(message));
  });

  test('types without sequence', () => {
    const options = { 'fields.a.kind': 'sequence', 'fields.a.start': '1', 'fields.a.end': '2' };
    expect(table(options, { a: type.date() })).toContainEqual(expect.stringContaining('cannot be of type DATE'));
  });

  test('bounded by a number of rows or a sequence only', () => {
    const bounded = (options: Record<string, string>) =>
      bind({ columns: { a: type.int() }, options: { connector: 'datagen', ...options } }, 'source').bound?.bounded;
    expect(bounded({})).toBe(false);
    expect(bounded({ 'number-of-rows': '1' })).toBe(true);
    expect(bounded({ 'fields.a.kind': 'sequence', 'fields.a.start': '1', 'fields.a.end': '2' })).toBe(true);
  });
});
