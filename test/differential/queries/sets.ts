import { condition, from, ofType, type Relation, type Writing } from '../relation.ts';

const types = ['int', 'bigint', 'string', 'decimal', 'boolean', 'date', 'time', 'micros'] as const;

/** UNION, INTERSECT and EXCEPT of columns of one type, with and without ALL. */
export function setOperation(writing: Writing, left: Relation, right: Relation): Relation | undefined {
  const { random } = writing;
  const pairs = types.flatMap((type) => {
    const [a, b] = [ofType(left.columns, type), ofType(right.columns, type)];
    return a.length === 0 || b.length === 0 ? [] : [[random.pick(a), random.pick(b)] as const];
  });
  const operator = random.pick([
    'UNION',
    'UNION ALL',
    'UNION ALL',
    'INTERSECT',
    'INTERSECT ALL',
    'EXCEPT',
    'EXCEPT ALL',
  ]);
  // Of INTERSECT ALL and EXCEPT ALL Flink leaves out columns that nothing asks for, and compares the others alone.
  const chosen = random.some(pairs, /T ALL$/.test(operator) ? 1 : 1 + random.below(4));
  if (chosen.length === 0) return undefined;
  const list = (side: 0 | 1) =>
    chosen.map((pair, i) => {
      const { name, type } = pair[side];
      return `${type === 'time' ? `CAST(a.${name} AS TIMESTAMP(3))` : `a.${name}`} AS z${i}`;
    });
  const where = random.once(2) ? ` WHERE ${condition(writing, right.columns, 'a')}` : '';
  return {
    sql: `SELECT ${list(0).join(', ')} FROM ${from(left, 'a')} ${operator} SELECT ${list(1).join(', ')} FROM ${from(right, 'a')}${where}`,
    columns: chosen.map(([a], i) => ({ name: `z${i}`, type: a.type })),
    appends: operator === 'UNION ALL' && left.appends && right.appends,
    ordered: false,
  };
}
