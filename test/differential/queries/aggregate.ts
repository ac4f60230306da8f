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
import { expression } from './project.ts';

interface Call {
  readonly sql: string;
  readonly type: ColumnType;
}

/** What may depend on the order of rows: nothing, what takes every row, or everything. */
export type Order = 'none' | 'rows' | 'all';

/** Aggregate functions of a list of columns. */
export function aggregateCall(writing: Writing, columns: readonly Column[], alias: string, order: Order): Call {
  const { random } = writing;
  const numbers = ofType(columns, 'int', 'bigint', 'decimal', 'double');
  const values = ofType(columns, 'int', 'bigint', 'decimal', 'double', 'string', 'date', 'time', 'micros');
  const texts = ofType(columns, 'string');
  if (values.length === 0) return { sql: 'COUNT(*)', type: 'bigint' };
  const any = random.pick(values);
  const x = `${alias}.${any.name}`;
  const stable = order !== 'none';
  const distinct = random.once(3) ? 'DISTINCT ' : '';
  const listed = order === 'rows' ? '' : distinct;
  const filter = random.once(4) ? ` FILTER (WHERE ${condition(writing, values, alias)})` : '';
  const call = (sql: string, type: ColumnType): Call => ({ sql: `${sql}${filter}`, type });
  const choice = random.below(stable ? 12 : 9);
  if (choice === 0) return call('COUNT(*)', 'bigint');
  if (choice === 1) return call(`COUNT(${distinct}${x})`, 'bigint');
  const flags = ofType(columns, 'boolean');
  if ((choice === 2 || choice === 3) && flags.length > 0 && random.once(8)) {
    return call(`${random.pick(['MIN', 'MAX'])}(${alias}.${random.pick(flags).name})`, 'boolean');
  }
  if (choice === 2) return call(`MIN(${x})`, any.type);
  if (choice === 3) return call(`MAX(${x})`, any.type);
  if (choice >= 4 && choice <= 6 && numbers.length > 0) {
    const number = random.pick(numbers);
    const n = `${alias}.${number.name}`;
    if (choice === 4) return call(`SUM(${distinct}${n})`, number.type);
    // Averages of doubles are not exact: sums of them depend on their order.
    if (choice === 5 && number.type === 'double') {
      return { sql: `CAST(${call(`AVG(${distinct}${n})`, 'double').sql} AS DECIMAL(20, 4))`, type: 'decimal' };
    }
    if (choice === 5) return call(`AVG(${distinct}${n})`, number.type);
    const name = random.pick(['STDDEV_POP', 'STDDEV_SAMP', 'VAR_POP', 'VAR_SAMP']);
    // Their last digits depend on the order in which values come and go; of NOT NULL values Flink's answer is a defect.
    const inner = call(`${name}(CAST(NULLIF(${n}, 1000) AS DOUBLE))`, 'double');
    return { sql: `CAST(ROUND(${inner.sql}, 6) AS DECIMAL(38, 6))`, type: 'decimal' };
  }
  if (!stable) {
    const text = texts.length > 0 ? random.pick(texts) : undefined;
    const nullable = any.type === 'bigint' ? `NULLIF(${x}, 1000)` : x;
    if (text === undefined || random.once(2)) {
      return { sql: `ARRAY_SORT(ARRAY_AGG(${distinct}${nullable})${filter && ''})`, type: 'other' };
    }
    return { sql: `CHAR_LENGTH(LISTAGG(${distinct}NULLIF(${alias}.${text.name}, '-'))${filter})`, type: 'int' };
  }
  const text = texts.length > 0 ? `${alias}.${random.pick(texts).name}` : undefined;
  if (choice === 7) return call(`FIRST_VALUE(${x})`, any.type);
  if (choice === 8) return call(`LAST_VALUE(${x})`, any.type);
  if (choice === 9 && text !== undefined) {
    return call(`LISTAGG(${random.pick([text, `${listed}${text}`, `${text}, '|'`])})`, 'string');
  }
  if (choice === 10) return call(`ARRAY_AGG(${listed}${x})`, 'other');
  return call(`JSON_ARRAYAGG(${x}${random.pick(['', ' NULL ON NULL'])})`, 'string');
}

/** `call AS a0, call AS a1, …` and the columns that they give. */
export function aggregateCalls(
  writing: Writing,
  columns: readonly Column[],
  alias: string,
  order: Order,
): { readonly sql: string; readonly columns: readonly Column[] } {
  const calls = Array.from({ length: 1 + writing.random.below(3) }, () =>
    aggregateCall(writing, columns, alias, order),
  );
  return {
    sql: calls.map((call, i) => `${call.sql} AS a${i}`).join(', '),
    columns: calls.map((call, i) => ({ name: `a${i}`, type: call.type })),
  };
}

function having(writing: Writing): string {
  return writing.random.once(3)
    ? ` HAVING ${writing.random.pick(['COUNT(*) > 1', 'COUNT(*) < 4', 'COUNT(*) BETWEEN 2 AND 5', 'MAX(a.id) > 3'])}`
    : '';
}

/** GROUP BY some columns or none, with HAVING. */
export function group(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const keys = random.some(keysOf(input.columns), random.below(3));
  const calls = aggregateCalls(writing, input.columns, 'a', input.ordered && input.appends ? 'all' : 'none');
  const names = keys.map((key) => `a.${key.name}`);
  if (random.once(5)) {
    const key = expression(writing, input.columns, 'a');
    if (key.type !== 'other' && key.type !== 'double') {
      return {
        sql: `SELECT ${key.sql} AS x, ${calls.sql} FROM ${from(input, 'a')} GROUP BY ${key.sql}`,
        columns: [{ name: 'x', type: key.type }, ...calls.columns],
        appends: false,
        ordered: false,
      };
    }
  }
  const where = random.once(3) ? ` WHERE ${condition(writing, input.columns, 'a')}` : '';
  const having_ = input.columns.some((c) => c.name === 'id') ? having(writing) : '';
  return {
    sql: `SELECT ${[...names, calls.sql].join(', ')} FROM ${from(input, 'a')}${where}${
      names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`
    }${having_}`,
    columns: [...keys, ...calls.columns],
    appends: false,
    ordered: false,
  };
}

/** GROUPING SETS, ROLLUP and CUBE. */
export function groupingSets(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const keys = random.some(keysOf(input.columns), 2 + random.below(2));
  const names = keys.map((key) => `a.${key.name}`);
  const calls = aggregateCalls(writing, input.columns, 'a', input.ordered && input.appends ? 'all' : 'none');
  const sets = [`ROLLUP (${names.join(', ')})`, `CUBE (${names.join(', ')})`];
  const some = Array.from({ length: 1 + random.below(3) }, () => `(${random.some(names, random.below(3)).join(', ')})`);
  const grouping = random.pick([...sets, `GROUPING SETS (${[...new Set([...some, `(${names[0]})`])].join(', ')})`]);
  const marks = names.map((name, i) => `${random.pick(['GROUPING', 'GROUPING', 'GROUPING_ID'])}(${name}) AS m${i}`);
  const used = /SETS/.test(grouping) ? names.filter((name) => grouping.includes(name)) : names;
  const asked = keys.filter((key) => used.includes(`a.${key.name}`));
  const told = random.once(2) ? marks.filter((_, i) => used.includes(names[i]!)) : [];
  return {
    sql: `SELECT ${[...used, ...told, calls.sql].join(', ')} FROM ${from(input, 'a')} GROUP BY ${grouping}`,
    columns: [...asked, ...calls.columns],
    appends: false,
    ordered: false,
  };
}

/** SELECT DISTINCT of some columns. */
export function distinct({ random }: Writing, input: Relation): Relation {
  const columns = random.some(keysOf(input.columns), 1 + random.below(3));
  return {
    sql: `SELECT DISTINCT ${columns.map((c) => `a.${c.name}`).join(', ')} FROM ${from(input, 'a')}`,
    columns,
    appends: input.appends,
    ordered: input.appends && input.ordered,
  };
}
