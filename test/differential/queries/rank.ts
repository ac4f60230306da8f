import { type Column, condition, from, keysOf, type Relation, type Writing } from '../relation.ts';

/** An order of all columns: which rows are first does not depend on when they came. */
function order({ random }: Writing, columns: readonly Column[], ties: boolean): string {
  const sortable = columns.filter(({ type }) => type !== 'other');
  const first = random.pick(sortable);
  const list = ties ? [first] : [first, ...sortable.filter((c) => c !== first)];
  return list
    .map((c) => `a.${c.name}${random.pick(['', ' DESC', ' ASC', '', ' DESC NULLS LAST', ' NULLS LAST'])}`)
    .join(', ');
}

/** ROW_NUMBER with a bound, with or without the number. */
export function topN(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const partition = random.some(keysOf(input.columns), random.below(3));
  const by = partition.length === 0 ? '' : `PARTITION BY ${partition.map((c) => `a.${c.name}`).join(', ')} `;
  const ties = input.appends && input.ordered && random.once(3);
  const list = order(
    writing,
    input.columns.filter((c) => c.name !== input.rowtime),
    ties,
  );
  const numbered = random.once(2);
  // Of rows that change Flink leaves too many where the first ranks are left out. Of rows that only come it takes the first
  // for one that is never changed, unless it is the last by one column.
  const bound = random.pick([
    ...['rn <= 2', 'rn <= 3', 'rn < 4', 'rn <= 5'],
    ...(input.appends ? ['rn BETWEEN 2 AND 3'] : []),
    ...(!input.appends || (/^[\w.]+ DESC/.test(list) && !list.includes(',')) ? ['rn = 1', 'rn = 1', 'rn = 1'] : []),
  ]);
  const more = random.once(5) ? ` AND ${condition(writing, input.columns, 'q')}` : '';
  const names = input.columns.map((c) => `q.${c.name}`);
  return {
    sql: `SELECT ${[...names, ...(numbered ? ['q.rn'] : [])].join(', ')} FROM (SELECT a.*, ROW_NUMBER() OVER (${by}ORDER BY ${list}) AS rn FROM ${from(input, 'a')}) AS q WHERE ${bound}${more}`,
    columns: [...input.columns, ...(numbered ? [{ name: 'rn', type: 'bigint' } as const] : [])],
    appends: false,
    ordered: false,
  };
}

/** The first or the last row of a key by event time. */
export function deduplicate({ random }: Writing, input: Relation): Relation | undefined {
  if (input.rowtime === undefined || !input.appends || !input.ordered) return undefined;
  const partition = random.some(
    keysOf(input.columns).filter((c) => c.type !== 'time'),
    1 + random.below(2),
  );
  if (partition.length === 0) return undefined;
  const last = random.once(2);
  return {
    sql: `SELECT ${input.columns.map((c) => `q.${c.name}`).join(', ')} FROM (SELECT a.*, ROW_NUMBER() OVER (PARTITION BY ${partition.map((c) => `a.${c.name}`).join(', ')} ORDER BY a.${input.rowtime} ${last ? 'DESC' : 'ASC'}) AS rn FROM ${from(input, 'a')}) AS q WHERE rn = 1`,
    columns: input.columns,
    appends: !last,
    ordered: false,
  };
}

/** The first or the last row of a key by the order in which they come. */
export function deduplicateByArrival(writing: Writing, input: Relation): Relation | undefined {
  const { random } = writing;
  if (!input.appends || !input.ordered) return undefined;
  const own = input.columns.filter((c) => c.name !== input.rowtime);
  const partition = random.some(keysOf(own), 1 + random.below(2));
  if (partition.length === 0) return undefined;
  const last = random.once(2);
  const list = own.map((c) => `a.${c.name}`).join(', ');
  return {
    sql: `SELECT ${own.map((c) => `q.${c.name}`).join(', ')} FROM (SELECT ${list}, ROW_NUMBER() OVER (PARTITION BY ${partition.map((c) => `a.${c.name}`).join(', ')} ORDER BY a.pt ${last ? 'DESC' : 'ASC'}) AS rn FROM (SELECT y.*, PROCTIME() AS pt FROM ${from(input, 'y')}) AS a) AS q WHERE rn = 1`,
    columns: own,
    appends: !last,
    ordered: false,
  };
}

/** ORDER BY with LIMIT and OFFSET. */
export function limit(writing: Writing, input: Relation): Relation {
  const { random } = writing;
  const offset = input.appends ? [' LIMIT 2 OFFSET 1'] : [];
  const end = random.pick([' LIMIT 3', ' LIMIT 5', ' FETCH FIRST 4 ROWS ONLY', ...offset]);
  const ties = input.appends && input.ordered && random.once(3);
  const list = order(
    writing,
    input.columns.filter((c) => c.name !== input.rowtime),
    ties,
  );
  return {
    sql: `SELECT ${input.columns.map((c) => `a.${c.name}`).join(', ')} FROM ${from(input, 'a')} ORDER BY ${list}${end}`,
    columns: input.columns,
    appends: false,
    ordered: false,
  };
}
