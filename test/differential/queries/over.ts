import { type Column, type ColumnType, from, keysOf, ofType, type Relation, type Writing } from '../relation.ts';

/** OVER aggregates by event time, of rows or of ranges, LAG among them. */
export function over(writing: Writing, input: Relation): Relation | undefined {
  const { random } = writing;
  if (input.rowtime === undefined || !input.ordered) return undefined;
  const own = input.columns.filter((c) => c.name !== input.rowtime);
  const partition = random.some(keysOf(own), random.below(2));
  const by = partition.length === 0 ? '' : `PARTITION BY ${partition.map((c) => `a.${c.name}`).join(', ')} `;
  const frame = random.pick([
    '',
    ` ROWS BETWEEN ${1 + random.below(4)} PRECEDING AND CURRENT ROW`,
    ' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
    ' RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
    ` RANGE BETWEEN INTERVAL '${1 + random.below(30)}' SECOND PRECEDING AND CURRENT ROW`,
  ]);
  const calls = Array.from({ length: 1 + random.below(3) }, () => call(writing, own, frame !== ''));
  const columns: Column[] = [...own, ...calls.map((each, i) => ({ name: `o${i}`, type: each.type }))];
  const list = calls.map((each, i) => `${each.sql} OVER w AS o${i}`);
  return {
    sql: `SELECT ${[...own.map((c) => `a.${c.name}`), ...list].join(', ')} FROM ${from(input, 'a')} WINDOW w AS (${by}ORDER BY a.${input.rowtime}${frame})`,
    columns,
    appends: true,
    ordered: false,
  };
}

function call({ random }: Writing, columns: readonly Column[], framed: boolean): { sql: string; type: ColumnType } {
  const any = random.pick(ofType(columns, 'int', 'bigint', 'decimal', 'double', 'string'));
  const numbers = ofType(columns, 'int', 'bigint', 'decimal', 'double');
  const number = numbers.length === 0 ? undefined : random.pick(numbers);
  const x = `a.${any.name}`;
  const choice = random.below(framed ? 7 : 9);
  if (choice === 0) return { sql: 'COUNT(*)', type: 'bigint' };
  if (choice === 1) return { sql: `COUNT(${random.pick(['', 'DISTINCT '])}${x})`, type: 'bigint' };
  if (choice === 2) return { sql: `MIN(${x})`, type: any.type };
  if (choice === 3) return { sql: `MAX(${x})`, type: any.type };
  if (choice === 4) return { sql: `FIRST_VALUE(${x})`, type: any.type };
  if (choice === 5) return { sql: `LAST_VALUE(${x})`, type: any.type };
  if (choice === 6 && number !== undefined) {
    const name = number.type === 'double' ? 'SUM' : random.pick(['SUM', 'AVG']);
    return { sql: `${name}(a.${number.name})`, type: number.type };
  }
  if (choice === 7) return { sql: `LAG(${x}${random.pick(['', ', 1', ', 2'])})`, type: any.type };
  return framed ? { sql: 'COUNT(*)', type: 'bigint' } : { sql: 'ROW_NUMBER()', type: 'bigint' };
}
