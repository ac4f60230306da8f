import type { Random } from './random.ts';

/** A row of a table by column; `deleted`: it takes the row of its key away. */
export interface SceneRow {
  readonly values: Readonly<Record<string, string | number | boolean>>;
  readonly deleted: boolean;
}

export interface SceneTable {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** The time attribute and the expression of its watermark. */
  readonly watermark?: readonly [column: string, expression: string];
  readonly key?: readonly string[];
  /** A row replaces the one of its key. */
  readonly upsert?: true;
  readonly rows: readonly SceneRow[];
}

const start = Date.UTC(2024, 0, 1, 10);

/** Seconds after ten o'clock as text of a TIMESTAMP(3). */
function time(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
}

const columns = [
  ['id', 'INT'],
  ['k', 'STRING'],
  ['g', 'INT'],
  ['v', 'INT'],
  ['n', 'BIGINT'],
  ['d', 'DECIMAL(10, 2)'],
  ['f', 'DOUBLE'],
  ['s', 'STRING'],
  ['b', 'BOOLEAN'],
  ['e', 'DATE'],
  ['m', 'TIMESTAMP(6)'],
  ['ts', 'TIMESTAMP(3)'],
] as const;

type Form = Pick<SceneTable, 'name' | 'key' | 'upsert'> & {
  /** Seconds by which rows come late at most, and by which the watermark waits for them. */
  readonly late: number;
  readonly waits?: number;
  readonly most?: number;
};

/**
 * Tables of one shape. Rows of `t` and `u` come at most 9 s late, which their watermark allows; some of `l` come later
 * than that. `r` has versions by `k`, as `h` has, where they may be deleted; `p1` and `p2` are read by key. Numbers are
 * exact in binary, so that sums do not depend on their order.
 */
const forms: readonly Form[] = [
  { name: 't', late: 9, waits: 10 },
  { name: 'u', late: 9, waits: 10 },
  { name: 'l', late: 14, waits: 3 },
  { name: 'r', late: 4, waits: 5, key: ['k'] },
  { name: 'h', late: 4, waits: 5, key: ['k'], upsert: true },
  { name: 'p1', late: 9, key: ['id'], upsert: true },
  { name: 'p2', late: 9, key: ['g', 'k'], upsert: true },
];

export function scene(random: Random): SceneTable[] {
  return forms.map((form) => table(random, form));
}

function table(random: Random, form: Form): SceneTable {
  const { name, key = [], upsert, waits } = form;
  const count = random.once(12) ? 0 : 4 + random.below(22);
  let clock = 0;
  const rows: SceneRow[] = [];
  for (let i = 0; i < count; i++) {
    clock += random.once(7) ? 20 + random.below(40) : random.below(6);
    const back = random.once(3) ? random.below(form.late + 1) : 0;
    const values: Record<string, string | number | boolean> = { id: upsert === undefined ? i : random.below(8) };
    // A part of a key is never NULL.
    if (key.includes('k') || !random.once(6)) values.k = random.pick(['a', 'b', 'c', 'd']);
    if (key.includes('g') || !random.once(8)) values.g = random.below(4);
    if (!random.once(6)) values.v = random.below(14) - 4;
    if (!random.once(6)) values.n = random.pick([0, 1, 2, 3, 10_000_000_000]);
    if (!random.once(6)) values.d = (random.below(4000) / 100 - 5).toFixed(2);
    if (!random.once(6)) values.f = random.below(100) / 8 - 2;
    if (!random.once(6)) values.s = random.pick(['x', 'y', 'z', 'xy', '']);
    if (!random.once(5)) values.b = random.once(2);
    if (!random.once(5)) values.e = random.pick(['2024-01-01', '2024-02-29', '2023-12-31', '1969-12-31']);
    if (!random.once(5))
      values.m = random.pick([`${time(7)}000`, `${time(7)}250`, `${time(61)}999`, `${time(3600)}001`]);
    values.ts = time(Math.max(0, clock - back));
    const deleted = upsert !== undefined && random.once(5);
    // A deletion has its key alone, and its time, without which Flink's watermark fails.
    const known = Object.entries(values).filter(([column]) => !deleted || key.includes(column) || column === 'ts');
    rows.push({ values: Object.fromEntries(known), deleted });
  }
  return {
    name,
    columns: columns.map(([column, type]) => [column, key.includes(column) ? `${type} NOT NULL` : type]),
    ...(waits !== undefined && { watermark: ['ts', `ts - INTERVAL '${waits}' SECOND`] }),
    ...(key.length > 0 && { key }),
    ...(upsert && { upsert }),
    rows,
  };
}
