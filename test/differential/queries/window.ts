import { type Column, condition, from, keysOf, named, type Relation, type Writing } from '../relation.ts';
import { aggregateCalls } from './aggregate.ts';

interface Windows {
  /** What stands in FROM. */
  readonly sql: string;
  /** Columns that sessions are kept by. */
  readonly partition: readonly string[];
}

function seconds(value: number): string {
  return value % 60 === 0 ? `INTERVAL '${value / 60}' MINUTE` : `INTERVAL '${value}' SECOND`;
}

/** A window table function over an input with a time attribute. */
export function windowsOf(writing: Writing, input: Relation, sessions = true): Windows {
  const { random } = writing;
  const table = named(writing, input);
  const time = `DESCRIPTOR(${input.rowtime})`;
  const step = random.pick([5, 10, 20, 30]);
  const times = 1 + random.below(4);
  const size = seconds(step * times);
  switch (random.below(sessions ? 5 : 4)) {
    case 0:
      return { sql: `TABLE(TUMBLE(TABLE ${table}, ${time}, ${seconds(step)}))`, partition: [] };
    case 1:
      return {
        sql: `TABLE(TUMBLE(DATA => TABLE ${table}, TIMECOL => ${time}, SIZE => ${seconds(step)}))`,
        partition: [],
      };
    case 2:
      return { sql: `TABLE(HOP(TABLE ${table}, ${time}, ${seconds(step)}, ${size}))`, partition: [] };
    case 3:
      return { sql: `TABLE(CUMULATE(TABLE ${table}, ${time}, ${seconds(step)}, ${size}))`, partition: [] };
    default: {
      const keys = random.some(
        keysOf(input.columns).filter((c) => c.type !== 'time'),
        random.below(3),
      );
      const by =
        keys.length === 0
          ? ''
          : ` PARTITION BY ${keys.length === 1 ? keys[0]!.name : `(${keys.map((c) => c.name).join(', ')})`}`;
      return {
        sql: `TABLE(SESSION(TABLE ${table}${by}, ${time}, ${seconds(random.pick([3, 5, 10, 20]))}))`,
        partition: keys.map((c) => c.name),
      };
    }
  }
}

const bounds: readonly Column[] = [
  { name: 'window_start', type: 'time' },
  { name: 'window_end', type: 'time' },
];

/** The rows of windows, each with its bounds. */
export function windowRows(writing: Writing, input: Relation): Relation {
  const columns = writing.random.some(input.columns, 3).filter((c) => c.name !== input.rowtime);
  return {
    sql: `SELECT ${[...columns, ...bounds].map((c) => `a.${c.name}`).join(', ')} FROM ${windowsOf(writing, input).sql} AS a`,
    columns: [...columns, ...bounds],
    appends: true,
    ordered: false,
  };
}

/** GROUP BY the bounds and further columns, of one level or two, with grouping sets now and then. */
export function windowAggregate(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const windows = windowsOf(writing, input);
  const own = input.columns.filter((c) => c.name !== input.rowtime);
  const others = random.some(
    keysOf(own).filter((c) => !windows.partition.includes(c.name)),
    random.below(2),
  );
  const keys = [...own.filter((c) => windows.partition.includes(c.name)), ...others];
  // Flink cannot merge what depends on the order of rows, and has no order of DISTINCT values in windows.
  const calls = aggregateCalls(writing, own, 'a', input.ordered && windows.sql.includes('TUMBLE') ? 'rows' : 'none');
  const names = keys.map((c) => `a.${c.name}`);
  const where =
    windows.partition.length === 0 && !windows.sql.includes('SESSION') && random.once(4)
      ? ` WHERE ${condition(writing, own, 'a')}`
      : '';
  const group =
    names.length > 0 && !windows.sql.includes('SESSION') && random.once(6)
      ? `a.window_start, a.window_end, ${random.pick(['ROLLUP', 'CUBE'])} (${names.join(', ')})`
      : ['a.window_start', 'a.window_end', ...names].join(', ');
  const having = random.once(6) ? ' HAVING COUNT(*) > 1' : '';
  const one: Relation = {
    sql: `SELECT ${[...bounds.map((c) => `a.${c.name}`), ...names, calls.sql].join(', ')} FROM ${windows.sql} AS a${where} GROUP BY ${group}${having}`,
    columns: [...bounds, ...keys, ...calls.columns],
    appends: true,
    ordered: false,
  };
  if (!random.once(3)) return one;
  const outer = aggregateCalls(
    writing,
    one.columns.filter((c) => !bounds.some((b) => b.name === c.name)),
    'b',
    'none',
  );
  return {
    sql: `SELECT b.window_start, b.window_end, ${outer.sql} FROM (${one.sql}) AS b GROUP BY b.window_start, b.window_end`,
    columns: [...bounds, ...outer.columns],
    appends: true,
    ordered: false,
  };
}

/** The functions that were there before table functions: GROUP BY TUMBLE(…), HOP(…), SESSION(…). */
export function groupWindow(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const time = `a.${input.rowtime}`;
  const step = random.pick([5, 10, 20]);
  const [name, list] = random.pick([
    ['TUMBLE', `${time}, ${seconds(step)}`],
    ['HOP', `${time}, ${seconds(step)}, ${seconds(step * (1 + random.below(3)))}`],
    ['SESSION', `${time}, ${seconds(step)}`],
  ] as const);
  const own = input.columns.filter((c) => c.name !== input.rowtime);
  const keys = random.some(keysOf(own), random.below(3));
  // Flink's JSON_ARRAYAGG is none or no JSON here.
  const calls = aggregateCalls(writing, own, 'a', 'none');
  const ends = random.some(['START', 'END', 'ROWTIME'], 1 + random.below(3));
  const told = ends.map(
    (end, i) =>
      `${end === 'ROWTIME' ? `CAST(${name}_${end}(${list}) AS TIMESTAMP(3))` : `${name}_${end}(${list})`} AS w${i}`,
  );
  const names = keys.map((c) => `a.${c.name}`);
  return {
    sql: `SELECT ${[...names, ...told, calls.sql].join(', ')} FROM ${from(input, 'a')} GROUP BY ${[`${name}(${list})`, ...names].join(', ')}`,
    columns: [...keys, ...ends.map((_, i) => ({ name: `w${i}`, type: 'time' as const })), ...calls.columns],
    appends: true,
    ordered: false,
  };
}

/** Rows of two window functions of one kind that meet in a window. */
export function windowJoin(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const first = windowsOf(writing, left, false);
  const second = first.sql.replace(`TABLE ${named(writing, left)}`, `TABLE ${named(writing, right)}`);
  const [mine, other] = [left, right].map((r) => r.columns.filter((c) => c.name !== r.rowtime)) as [Column[], Column[]];
  const pairs = keysOf(mine).flatMap((a) =>
    keysOf(other).flatMap((b) => (a.type === b.type && a.type !== 'decimal' ? [[a, b] as const] : [])),
  );
  if (pairs.length === 0 || left.rowtime !== right.rowtime) return undefined;
  const [a, b] = random.pick(pairs);
  const same = `a.window_start = b.window_start AND a.window_end = b.window_end AND a.${a.name} = b.${b.name}`;
  const side = (sql: string, columns: readonly Column[]) =>
    `(SELECT ${[...columns, ...bounds].map((c) => c.name).join(', ')} FROM ${sql})`;
  if (random.once(3)) {
    const exists = random.pick(['EXISTS', 'NOT EXISTS']);
    return {
      sql: `SELECT a.${mine[0]!.name}, a.window_start, a.window_end FROM ${side(first.sql, mine)} AS a WHERE ${exists} (SELECT * FROM ${side(second, other)} AS b WHERE ${same})`,
      columns: [mine[0]!, ...bounds],
      appends: true,
      ordered: false,
    };
  }
  const more = random.once(3) ? ` AND ${condition(writing, other, 'b')}` : '';
  const x = random.pick(mine);
  const y = random.pick(other);
  return {
    sql: `SELECT a.window_start, a.window_end, a.${x.name} AS x, b.${y.name} AS y FROM ${side(first.sql, mine)} AS a ${random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])} ${side(second, other)} AS b ON ${same}${more}`,
    columns: [...bounds, { name: 'x', type: x.type }, { name: 'y', type: y.type }],
    appends: true,
    ordered: false,
  };
}

/** Top-N and deduplication within windows, of rows or of aggregates. */
export function windowRank(writing: Writing, input: Relation): Relation | undefined {
  const { random } = writing;
  const bound = random.pick(['rn <= 1', 'rn <= 2', 'rn = 1', 'rn <= 3']);
  if (random.once(2)) {
    const inner = windowAggregate({ ...writing }, input);
    // Of sessions that end at one time Flink makes one ranking, wherever they begin.
    if (inner.sql.includes('SESSION')) return undefined;
    const rest = inner.columns.filter((c) => !bounds.some((b) => b.name === c.name) && c.type !== 'other');
    const list = rest.map((c) => `a.${c.name}${random.pick(['', ' DESC', ' DESC NULLS LAST'])}`).join(', ');
    return {
      sql: `SELECT ${inner.columns.map((c) => `q.${c.name}`).join(', ')}, rn FROM (SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a.window_start, a.window_end ORDER BY ${list}) AS rn FROM (${inner.sql}) AS a) AS q WHERE ${bound}`,
      columns: [...inner.columns, { name: 'rn', type: 'bigint' }],
      appends: true,
      ordered: false,
    };
  }
  const own = input.columns.filter((c) => c.name !== input.rowtime);
  const key = random.pick(keysOf(own));
  const rest = own.filter((c) => c.type !== 'other').map((c) => `a.${c.name}${random.pick(['', ' DESC'])}`);
  const dedup = random.once(2) && input.ordered;
  const windows = windowsOf(writing, input);
  // Without the keys of its sessions Flink does not see that this is done within windows, and drops rows as late.
  const by = [...new Set(['window_start', 'window_end', ...windows.partition, key.name])].map((name) => `a.${name}`);
  return {
    sql: `SELECT ${[...own, ...bounds].map((c) => `q.${c.name}`).join(', ')} FROM (SELECT a.*, ROW_NUMBER() OVER (PARTITION BY ${by.join(', ')} ORDER BY ${dedup ? `a.${input.rowtime} ${random.pick(['', 'DESC'])}` : rest.join(', ')}) AS rn FROM ${windows.sql} AS a) AS q WHERE ${dedup ? 'rn = 1' : bound}`,
    columns: [...own, ...bounds],
    appends: true,
    ordered: false,
  };
}
