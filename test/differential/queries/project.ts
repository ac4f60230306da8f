import {
  type Column,
  type ColumnType,
  condition,
  from,
  keysOf,
  ofType,
  type Relation,
  type Writing,
} from '../relation.ts';

interface Expression {
  readonly sql: string;
  readonly type: ColumnType;
}

const literals: Partial<Record<ColumnType, readonly string[]>> = {
  int: ['0', '7', '-1'],
  bigint: ['CAST(2 AS BIGINT)', '10000000000'],
  decimal: ['CAST(1.50 AS DECIMAL(10, 2))'],
  double: ['0.5E0', '-2E0'],
  string: ["'a'", "'?'", "''"],
  boolean: ['TRUE', 'FALSE'],
  date: ["DATE '2024-01-01'"],
  time: ["TIMESTAMP '2024-01-01 10:00:09.000'"],
  micros: ["TIMESTAMP '2024-01-01 10:00:09.000001'"],
};

/** CASE, COALESCE, arithmetic and casts over columns of `alias`; no time attribute comes out. */
export function expression(writing: Writing, columns: readonly Column[], alias: string): Expression {
  const { random } = writing;
  const column = random.pick(columns);
  const x = `${alias}.${column.name}`;
  const { type } = column;
  const same = ofType(columns, type).map(({ name }) => `${alias}.${name}`);
  // Types of decimals may differ, which CASE and COALESCE would unite.
  const others = [...(literals[type] ?? []), ...same];
  if (others.length > 0 && random.once(3)) {
    const test = condition(writing, columns, alias);
    const y = random.pick(others);
    return {
      sql: random.pick([
        `CASE WHEN ${test} THEN ${x} ELSE ${y} END`,
        `CASE WHEN ${test} THEN ${x} END`,
        `COALESCE(${x}, ${y})`,
        `COALESCE(CASE WHEN ${test} THEN ${x} END, ${y})`,
        `IF(${test}, ${y}, ${x})`,
        `NULLIF(${x}, ${random.pick(literals[type] ?? [x])})`,
      ]),
      type,
    };
  }
  if (random.once(6)) return { sql: `(${condition(writing, columns, alias)})`, type: 'boolean' };
  const pick = (...list: readonly (readonly [sql: string, type: ColumnType])[]): Expression => {
    const [sql, result] = random.pick(list);
    return { sql, type: result };
  };
  switch (type) {
    case 'int':
      return pick(
        [`${x} + 1`, 'int'],
        [`MOD(${x}, 3)`, 'int'],
        [`-${x} * 2`, 'int'],
        [`CAST(${x} AS STRING)`, 'string'],
        [`CAST(${x} AS BIGINT)`, 'bigint'],
        [`CAST(${x} AS DOUBLE) / 4`, 'double'],
        [`${x} / 2`, 'int'],
      );
    case 'bigint':
      return pick([`${x} + 1`, 'bigint'], [`ABS(${x})`, 'bigint'], [`${x} > 1`, 'boolean']);
    case 'decimal':
      return pick(
        [`CAST(${x} * 2 AS DECIMAL(20, 2))`, 'decimal'],
        [`CAST(${x} AS INT)`, 'int'],
        [`FLOOR(${x})`, 'decimal'],
        [`CAST(${x} AS STRING)`, 'string'],
      );
    case 'double':
      return pick([`${x} * 2`, 'double'], [`CAST(${x} AS INT)`, 'int'], [`${x} > 1`, 'boolean']);
    case 'string':
      return pick(
        [`UPPER(${x})`, 'string'],
        [`${x} || '-' || ${x}`, 'string'],
        [`SUBSTRING(${x}, 1, 1)`, 'string'],
        [`CHAR_LENGTH(${x})`, 'int'],
        [`TRIM(LEADING 'x' FROM ${x})`, 'string'],
      );
    case 'boolean':
      return pick([`NOT ${x}`, 'boolean'], [`CAST(${x} AS STRING)`, 'string'], [`${x} IS TRUE`, 'boolean']);
    case 'date':
      return pick(
        [`CAST(${x} AS TIMESTAMP(3))`, 'time'],
        [`EXTRACT(DAY FROM ${x})`, 'bigint'],
        [`${x} + INTERVAL '1' DAY`, 'date'],
        [`CAST(${x} AS STRING)`, 'string'],
      );
    case 'time':
      return pick(
        [`CAST(${x} AS DATE)`, 'date'],
        [`EXTRACT(MINUTE FROM ${x})`, 'bigint'],
        [`CAST(${x} AS TIMESTAMP(6))`, 'micros'],
        [`DATE_FORMAT(${x}, 'mm:ss')`, 'string'],
        [`FLOOR(CAST(${x} AS TIMESTAMP(3)) TO MINUTE)`, 'time'],
      );
    case 'micros':
      return pick([`CAST(${x} AS TIMESTAMP(3))`, 'time'], [`CAST(${x} AS STRING)`, 'string']);
    case 'other':
      return { sql: `CARDINALITY(${x})`, type: 'int' };
  }
}

/** Some columns, computed ones beside them, and a condition. */
export function project(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const kept = random.some(
    input.columns.filter(({ name }) => name !== input.rowtime),
    1 + random.below(4),
  );
  const made = Array.from({ length: 1 + random.below(4) }, () => expression(writing, input.columns, 'a'));
  const list = [...kept.map(({ name }) => `a.${name}`), ...made.map(({ sql }, i) => `${sql} AS c${i}`)];
  const where = random.once(3) ? ` WHERE ${condition(writing, input.columns, 'a')}` : '';
  return {
    sql: `SELECT ${list.join(', ')} FROM ${from(input, 'a')}${where}`,
    columns: [...kept, ...made.map(({ type }, i) => ({ name: `c${i}`, type }))].filter(
      ({ name }, i, all) => all.findIndex((other) => other.name === name) === i,
    ),
    appends: input.appends,
    ordered: input.ordered,
  };
}

/** Rows compared with the single value of another query. */
export function scalarQuery(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const pairs = ofType(left.columns, 'int', 'bigint', 'string', 'date').flatMap((a) =>
    ofType(right.columns, a.type).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const value = `(SELECT ${random.pick(['MIN', 'MAX'])}(b.${b.name}) FROM ${from(right, 'b')})`;
  const columns = keysOf(left.columns).filter(({ name }) => name !== left.rowtime);
  if (columns.length === 0) return undefined;
  const list = columns.map(({ name }) => `a.${name}`);
  return {
    sql: random.once(2)
      ? `SELECT ${list.join(', ')} FROM ${from(left, 'a')} WHERE a.${a.name} ${random.pick(['=', '<', '>=', '<>'])} ${value}`
      : `SELECT ${list.join(', ')}, ${value} AS best FROM ${from(left, 'a')}`,
    columns,
    appends: false,
    ordered: false,
  };
}

/** Rows that stand in the query. */
export function constants(): Relation {
  const rows = "(1, 'a', 2), (2, 'b', CAST(NULL AS INT)), (2, 'x', 3), (CAST(NULL AS INT), CAST(NULL AS STRING), 5)";
  return {
    sql: `SELECT CAST(c.id AS INT) AS id, CAST(c.k AS STRING) AS k, CAST(c.v AS INT) AS v FROM (VALUES ${rows}) AS c (id, k, v)`,
    columns: [
      { name: 'id', type: 'int' },
      { name: 'k', type: 'string' },
      { name: 'v', type: 'int' },
    ],
    appends: true,
    ordered: true,
  };
}

/** A query with a name that is read twice. */
export function withQuery(writing: Writing, input: Relation): Relation | undefined {
  const { random } = writing;
  const columns = keysOf(input.columns).filter(({ name }) => name !== input.rowtime);
  if (columns.length === 0) return undefined;
  const key = random.pick(columns);
  const list = columns.map(({ name }) => `a.${name}`).join(', ');
  const groups = `SELECT ${key.name} AS x, COUNT(*) AS n FROM w GROUP BY ${key.name}`;
  return {
    sql: `WITH w AS (${input.sql}) SELECT ${list}, b.n AS others FROM w AS a ${random.pick(['JOIN', 'LEFT JOIN'])} (${groups}) AS b ON a.${key.name} = b.x`,
    columns: [...columns, { name: 'others', type: 'bigint' }],
    appends: false,
    ordered: false,
  };
}

/** A row for each element of the arrays that groups are made to. */
export function unnest(writing: Writing, input: Relation): Relation | undefined {
  const { random } = writing;
  const values = ofType(
    input.columns,
    'int',
    'bigint',
    'decimal',
    'string',
    'date',
    'boolean',
    'time',
    'micros',
  ).filter(({ name }) => name !== input.rowtime);
  if (values.length === 0) return undefined;
  const value = random.pick(values);
  const keys = random.some(
    keysOf(input.columns).filter((c) => c !== value && c.name !== input.rowtime),
    random.below(3),
  );
  const names = keys.map(({ name }) => `a.${name}`);
  const distinct = random.pick(['', 'DISTINCT ']);
  const grouped = `SELECT ${[...names, `ARRAY_AGG(${distinct}a.${value.name}) AS list`].join(', ')} FROM ${from(input, 'a')}${
    names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`
  }`;
  const out = [...keys.map(({ name }) => `z.${name}`), 'y.item'];
  const join = random.pick(['CROSS JOIN UNNEST(z.list) AS y (item)', 'LEFT JOIN UNNEST(z.list) AS y (item) ON TRUE']);
  return {
    sql: `SELECT ${out.join(', ')} FROM (${grouped}) AS z ${join}`,
    columns: [...keys, { name: 'item', type: value.type }],
    appends: false,
    ordered: false,
  };
}
