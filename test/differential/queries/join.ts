import { type Column, condition, from, keysOf, ofType, type Relation, view, type Writing } from '../relation.ts';

const types = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'] as const;

/** Pairs of columns of one type. */
export function pairsOf(left: Relation, right: Relation): (readonly [Column, Column])[] {
  return keysOf(left.columns).flatMap((a) =>
    keysOf(right.columns)
      .filter((b) => b.type === a.type && (a.type !== 'decimal' || a.name === b.name))
      .map((b) => [a, b] as const),
  );
}

function on(writing: Writing, left: Relation, right: Relation): string | undefined {
  const { random } = writing;
  const pairs = pairsOf(left, right);
  if (pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const parts = [random.once(12) ? `a.${a.name} < b.${b.name}` : equality(writing, left, right, a, b)];
  for (let more = random.below(3); more > 0; more--) {
    const [c, d] = random.pick(pairs);
    parts.push(`a.${c.name} ${random.pick(['=', '=', '<', '>=', '<>'])} b.${d.name}`);
  }
  if (random.once(4)) parts.push(condition(writing, right.columns, 'b'));
  if (random.once(5)) parts.push(condition(writing, left.columns, 'a'));
  return parts.join(' AND ');
}

/** By which rows are found: a pair of columns, or what is computed of them. */
function equality({ random }: Writing, left: Relation, right: Relation, a: Column, b: Column): string {
  const same = `a.${a.name} = b.${b.name}`;
  if (!random.once(4)) return same;
  const whole = ofType(left.columns, 'int');
  const big = ofType(right.columns, 'bigint');
  return random.pick([
    `a.${a.name} IS NOT DISTINCT FROM b.${b.name}`,
    a.type === 'int' ? `a.${a.name} + 1 = b.${b.name}` : same,
    a.type === 'string' ? `COALESCE(a.${a.name}, 'b') = b.${b.name}` : same,
    whole.length > 0 && big.length > 0 ? `a.${random.pick(whole).name} = b.${random.pick(big).name}` : same,
  ]);
}

/** Some columns of both sides under new names. */
function output({ random }: Writing, left: Relation, right: Relation) {
  const mine = random.some(left.columns, 1 + random.below(4));
  const other = random.some(right.columns, 1 + random.below(3));
  const list = [
    ...mine.map((c, i) => ({ sql: `a.${c.name} AS x${i}`, column: { name: `x${i}`, type: c.type } })),
    ...other.map((c, i) => ({ sql: `b.${c.name} AS y${i}`, column: { name: `y${i}`, type: c.type } })),
  ];
  return { sql: list.map((each) => each.sql).join(', '), columns: list.map((each) => each.column) };
}

/** Inner, outer and comma joins. */
export function regularJoin(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const condition_ = on(writing, left, right);
  if (condition_ === undefined) return undefined;
  // Regular joins take no time attribute: times are plain values.
  const { sql, columns } = output(writing, withoutTime(left), withoutTime(right));
  const [a, b] = [from(withoutTime(left), 'a'), from(withoutTime(right), 'b')];
  if (random.once(12))
    return { sql: `SELECT ${sql} FROM ${a} CROSS JOIN ${b}`, columns, appends: false, ordered: false };
  const type = random.pick(types);
  const where = random.once(4) ? ` WHERE ${condition(writing, left.columns, 'a')}` : '';
  return {
    sql: random.once(6)
      ? `SELECT ${sql} FROM ${a}, ${b} WHERE ${condition_}`
      : `SELECT ${sql} FROM ${a} ${type} ${b} ON ${condition_}${where}`,
    columns,
    appends: false,
    ordered: false,
  };
}

/** Columns of one name in both. */
export function joinUsing({ random }: Writing, left: Relation, right: Relation): Relation | undefined {
  const [a, b] = [withoutTime(left), withoutTime(right)];
  const shared = keysOf(a.columns).filter(({ name, type }) =>
    b.columns.some((other) => other.name === name && other.type === type),
  );
  const using = random.some(shared, 1 + random.below(2));
  const others = (relation: Relation) => relation.columns.filter(({ name }) => !using.some((c) => c.name === name));
  if (using.length === 0) return undefined;
  const mine = random.some(others(a), 2);
  const other = random.some(others(b), 2);
  const list = [
    ...using.map(({ name }, i) => `a.${name} AS w${i}`),
    ...mine.map(({ name }, i) => `a.${name} AS x${i}`),
    ...other.map(({ name }, i) => `b.${name} AS y${i}`),
  ];
  return {
    sql: `SELECT ${list.join(', ')} FROM ${from(a, 'a')} ${random.pick(types)} ${from(b, 'b')} USING (${using.map(({ name }) => name).join(', ')})`,
    columns: [
      ...using.map(({ type }, i) => ({ name: `w${i}`, type })),
      ...mine.map(({ type }, i) => ({ name: `x${i}`, type })),
      ...other.map(({ type }, i) => ({ name: `y${i}`, type })),
    ],
    appends: false,
    ordered: false,
  };
}

/** The relation with its time attribute as a plain TIMESTAMP(3). */
export function withoutTime(relation: Relation): Relation {
  const { rowtime, ...rest } = relation;
  if (rowtime === undefined) return relation;
  const list = relation.columns.map(({ name }) =>
    name === rowtime ? `CAST(z.${name} AS TIMESTAMP(3)) AS ${name}` : `z.${name}`,
  );
  return { ...rest, sql: `SELECT ${list.join(', ')} FROM ${from(relation, 'z')}` };
}

/** IN, NOT IN, EXISTS and NOT EXISTS, with NULLs on both sides. */
export function semiJoin(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const pairs = pairsOf(left, right);
  if (pairs.length === 0) return undefined;
  const [a, b] = random.pick(pairs);
  const [c, d] = random.pick(pairs);
  const inner = random.once(3) ? ` WHERE ${condition(writing, right.columns, 'b')}` : '';
  const correlated = on(writing, left, right)!;
  const exists = `EXISTS (SELECT 1 FROM ${from(right, 'b')} WHERE ${correlated})`;
  const test = random.pick([
    `a.${a.name} IN (SELECT b.${b.name} FROM ${from(right, 'b')}${inner})`,
    `a.${a.name} NOT IN (SELECT b.${b.name} FROM ${from(right, 'b')}${inner})`,
    `(a.${a.name}, a.${c.name}) IN (SELECT b.${b.name}, b.${d.name} FROM ${from(right, 'b')}${inner})`,
    exists,
    `NOT ${exists}`,
  ]);
  const more = random.once(4) ? ` AND ${condition(writing, left.columns, 'a')}` : '';
  return {
    sql: `SELECT ${left.columns.map((c) => `a.${c.name}`).join(', ')} FROM ${from(withoutTime(left), 'a')} WHERE ${test}${more}`,
    columns: left.columns,
    appends: false,
    ordered: false,
  };
}

/** A join of two time attributes that are near each other. */
export function intervalJoin(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const pairs = pairsOf(left, right).filter(([a]) => a.type !== 'time');
  if (pairs.length === 0 || left.rowtime === undefined || right.rowtime === undefined) return undefined;
  const [a, b] = random.pick(pairs);
  const seconds = () => `INTERVAL '${random.below(25)}' SECOND`;
  const bounds = random.pick([
    `a.${left.rowtime} BETWEEN b.${right.rowtime} - ${seconds()} AND b.${right.rowtime} + ${seconds()}`,
    `b.${right.rowtime} BETWEEN a.${left.rowtime} AND a.${left.rowtime} + ${seconds()}`,
    `a.${left.rowtime} >= b.${right.rowtime} AND a.${left.rowtime} < b.${right.rowtime} + INTERVAL '${1 + random.below(20)}' SECOND`,
    `a.${left.rowtime} = b.${right.rowtime}`,
  ]);
  const more = random.once(3) ? ` AND ${condition(writing, right.columns, 'b')}` : '';
  const type = random.pick(types);
  const { sql, columns } = output(writing, left, right);
  return {
    sql: `SELECT ${sql} FROM ${from(left, 'a')} ${type} ${from(right, 'b')} ON a.${a.name} = b.${b.name} AND ${bounds}${more}`,
    columns,
    appends: true,
    ordered: false,
  };
}

/** Each row with the version that held at its time. */
export function temporalJoin(writing: Writing, left: Relation): Relation | undefined {
  const { random } = writing;
  const texts = left.columns.filter(({ type }) => type === 'string');
  if (texts.length === 0 || left.rowtime === undefined) return undefined;
  // Of NULL keys Flink takes one for equal to the other here.
  const versions = random.once(3)
    ? view(
        writing,
        'SELECT id, k, g, v, d, f, s, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM u WHERE k IS NOT NULL) WHERE rn = 1',
      )
    : random.pick(['r', 'h']);
  const shape: Relation = {
    sql: '',
    columns: (['id', 'g', 'v'] as const).map((name) => ({ name, type: 'int' })),
    appends: true,
    ordered: true,
  };
  const { sql, columns } = output(writing, left, shape);
  const more = random.once(3) ? ` AND ${condition(writing, shape.columns, 'b')}` : '';
  return {
    sql: `SELECT ${sql} FROM ${from(left, 'a')} ${random.pick(['JOIN', 'LEFT JOIN'])} ${versions} FOR SYSTEM_TIME AS OF a.${left.rowtime} AS b ON a.${random.pick(texts).name} = b.k${more}`,
    columns,
    appends: true,
    ordered: false,
  };
}
