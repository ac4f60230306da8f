import { type Column, condition, from, keysOf, ofType, type Relation, type Writing } from '../relation.ts';
import { pairsOf, withoutTime } from './join.ts';

/**
 * What compares rows of the query with the row around; undefined where no columns have a common type. Conditions on the
 * row around alone are left out: Flink forgets about NULL in them.
 */
function compare(writing: Writing, left: Relation, right: Relation): string | undefined {
  const { random } = writing;
  const pairs = pairsOf(left, right);
  if (pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const parts = [`a.${a.name} = b.${b.name}`];
  const others = pairs.filter(([c, d]) => c !== a && d !== b);
  if (others.length > 0 && random.once(2)) {
    const [c, d] = random.pick(others);
    parts.push(`a.${c.name} ${random.pick(['=', '<', '>=', '<>'])} b.${d.name}`);
  }
  if (random.once(4)) parts.push(condition(writing, right.columns, 'b'));
  return parts.join(' AND ');
}

/** What a row is told of a query: columns of the row, and one more. */
function beside(left: Relation, value: string, type: Column['type'], where = ''): Relation | undefined {
  const columns = keysOf(left.columns).filter(({ name }) => name !== left.rowtime);
  if (columns.length === 0) return undefined;
  const list = columns.map(({ name }) => `a.${name}`).join(', ');
  return {
    sql: `SELECT ${list}, ${value} AS told FROM ${from(withoutTime(left), 'a')}${where}`,
    columns: [...columns, { name: 'told', type }],
    appends: false,
    ordered: false,
  };
}

/** IN, EXISTS, ANY and ALL over a query that is compared with the row, in OR, under NOT, in CASE and as a value. */
export function quantified(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const compared = compare(writing, left, right);
  const pairs = pairsOf(left, right).filter(([a]) => a.type !== 'boolean');
  if (compared === undefined || pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const rows = `(SELECT b.${b.name} FROM ${from(right, 'b')} WHERE ${compared})`;
  // Flink forgets that nothing is in an empty list, and about NULL in one that is compared with the row.
  const known = `(SELECT b.${b.name} FROM ${from(right, 'b')} WHERE ${compared} AND b.${b.name} IS NOT NULL)`;
  const test = random.pick([
    `(a.${a.name} IS NOT NULL AND a.${a.name} IN ${known})`,
    `(a.${a.name} IS NULL OR a.${a.name} NOT IN ${known})`,
    `EXISTS ${rows}`,
    `NOT EXISTS ${rows}`,
    `a.${a.name} ${random.pick(['<', '<=', '>', '>='])} ANY ${rows}`,
    `a.${a.name} ${random.pick(['<', '<=', '>', '>='])} ALL ${rows}`,
  ]);
  const plain = condition(writing, left.columns, 'a');
  const columns = keysOf(left.columns).filter(({ name }) => name !== left.rowtime);
  if (columns.length === 0) return undefined;
  const list = columns.map(({ name }) => `a.${name}`).join(', ');
  const filtered = (where: string): Relation => ({
    sql: `SELECT ${list} FROM ${from(withoutTime(left), 'a')} WHERE ${where}`,
    columns,
    appends: false,
    ordered: false,
  });
  return random.pick([
    () => filtered(`${test} OR ${plain}`),
    () => filtered(`NOT (${test} AND ${plain})`),
    () => filtered(`(${test}) IS ${random.pick(['NOT ', ''])}${random.pick(['TRUE', 'NULL'])}`),
    () => beside(left, `CASE WHEN ${test} THEN 'y' ELSE 'n' END`, 'string'),
    () => beside(left, test, 'boolean'),
  ])();
}

/** An aggregate over the rows of a query that are compared with the row, as a value. */
export function correlatedValue(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const compared = compare(writing, left, right);
  const numbers = ofType(right.columns, 'int', 'bigint');
  if (compared === undefined || numbers.length === 0) return undefined;
  const { name, type } = random.pick(numbers);
  const [call, result] = random.pick([
    [`MIN(b.${name})`, type],
    [`MAX(b.${name})`, type],
    [`SUM(b.${name})`, type],
    ['COUNT(*)', 'bigint'],
    [`COUNT(b.${name}) + 1`, 'bigint'],
    [`COALESCE(MAX(b.${name}), -5)`, type],
  ] as const);
  const having = random.once(6) ? ` HAVING COUNT(*) > ${random.below(3)}` : '';
  const value = `(SELECT ${call} FROM ${from(right, 'b')} WHERE ${compared}${having})`;
  const same = ofType(left.columns, 'int', 'bigint');
  if (same.length > 0 && random.once(3)) {
    const test = `a.${random.pick(same).name} ${random.pick(['=', '<', '>=', '<>'])} ${value}`;
    return beside(
      left,
      '1',
      'int',
      ` WHERE ${random.once(2) ? test : `${test} OR ${condition(writing, left.columns, 'a')}`}`,
    );
  }
  return beside(left, value, result);
}

/** The rows of a query for each row, or their groups, or the first of them. */
export function lateral(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const compared = compare(writing, left, right);
  const numbers = ofType(right.columns, 'int', 'bigint');
  if (compared === undefined || numbers.length === 0) return undefined;
  const { name, type } = random.pick(numbers);
  const rows = `${from(right, 'b')} WHERE ${compared}`;
  const query = random.pick([
    `SELECT b.${name} AS y FROM ${rows}`,
    `SELECT DISTINCT b.${name} AS y FROM ${rows}`,
    `SELECT MAX(b.${name}) AS y FROM ${rows}`,
    `SELECT b.${name} AS y FROM ${rows} GROUP BY b.${name} HAVING COUNT(*) > 1`,
  ]);
  const columns = random
    .some(keysOf(left.columns), 3)
    .filter((column) => column.name !== left.rowtime)
    .map((column, i) => ({ from: column.name, column: { name: `x${i}`, type: column.type } }));
  const list = [...columns.map((each) => `a.${each.from} AS ${each.column.name}`), 'z.y'].join(', ');
  const join = random.pick(['CROSS JOIN', 'LEFT JOIN']);
  return {
    sql: `SELECT ${list} FROM ${from(withoutTime(left), 'a')} ${join} LATERAL (${query}) AS z${join === 'LEFT JOIN' ? ' ON TRUE' : ''}`,
    columns: [...columns.map(({ column }) => column), { name: 'y', type }],
    appends: false,
    ordered: false,
  };
}
