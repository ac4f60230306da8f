import type { CreateTable, LikeClause, Option, Query, StringLiteral } from './ast.ts';
import { type Body, parseTableBody } from './column.ts';
import type { CreateHead } from './create.ts';
import type { Cursor } from './cursor.ts';
import { parseIdentifiers, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { parseOptions } from './option.ts';
import { parseQuery } from './query.ts';
import { parseString } from './text.ts';

/**
 *     CREATE TABLE name [( columns )] [COMMENT 'c'] [DISTRIBUTED …] [PARTITIONED BY (a, b)] [WITH ( options )]
 *       [LIKE source [( clauses )] | AS query]
 *
 * The current token follows TABLE.
 */
export function parseCreateTable(p: Cursor, head: CreateHead): CreateTable {
  const ifNotExists = p.acceptAll('IF', 'NOT', 'EXISTS');
  const name = parseName(p, 'a name for the table');
  const body: Body = p.is('(') ? parseTableBody(p) : { columns: [], watermarks: [], names: [] };
  let comment: StringLiteral | undefined;
  if (p.accept('COMMENT')) comment = parseString(p);
  const distribution = p.is('DISTRIBUTED') ? parseDistribution(p) : undefined;
  let partitionedBy: CreateTable['partitionedBy'] = [];
  if (p.is('PARTITIONED')) {
    p.take();
    p.expect('BY');
    if (!p.is('(')) p.unexpected("'(' and names of columns");
    partitionedBy = parseIdentifiers(p);
  }
  if (p.is('COMMENT')) p.unexpected("'WITH'", { help: 'the comment stands directly after the columns' });
  let options: Option[] = [];
  let optionsSpan: CreateTable['optionsSpan'];
  if (p.is('WITH') && !beginsCommonTable(p)) {
    const start = p.take();
    options = parseOptions(p);
    optionsSpan = p.span(start);
  }
  let like: LikeClause | undefined;
  let as: Query | undefined;
  if (p.is('LIKE')) like = parseLike(p);
  else if (p.accept('AS')) {
    if (!beginsQuery(p) && !p.is('(')) p.unexpected('a query');
    as = parseQuery(p);
  }
  if (body.names.length > 0) refuseNames(p, body, as);
  return {
    kind: 'create-table',
    temporary: head.temporary,
    orReplace: head.orReplace,
    ifNotExists,
    name,
    columns: body.columns,
    watermarks: body.watermarks,
    ...(body.primaryKey === undefined ? {} : { primaryKey: body.primaryKey }),
    ...(comment === undefined ? {} : { comment }),
    ...(distribution === undefined ? {} : distribution),
    partitionedBy,
    options,
    ...(optionsSpan === undefined ? {} : { optionsSpan }),
    ...(like === undefined ? {} : { like }),
    ...(as === undefined ? {} : { as }),
    span: p.span(head.start),
  };
}

/** `WITH a AS (` cannot be options. */
function beginsCommonTable(p: Cursor): boolean {
  return !p.is('(', 1) && p.is('AS', 2);
}

/** `CREATE TABLE t (a, b) AS SELECT`: columns by name alone. */
function refuseNames(p: Cursor, body: Body, as: Query | undefined): void {
  const { start, end } = body.names[0]!.span;
  if (as !== undefined)
    p.unsupported('a list of columns without types is', { start, end }, 'name the columns in the query');
  p.fail(`the column '${body.names[0]!.name}' has no type`, { start, end }, { help: 'write: name type' });
}

function parseDistribution(p: Cursor): Pick<CreateTable, 'distribution' | 'distributedBy'> {
  const start = p.take();
  let method: 'HASH' | 'RANGE' | undefined;
  let columns: CreateTable['partitionedBy'] = [];
  if (p.accept('BY')) {
    method = p.acceptOne('HASH', 'RANGE');
    if (!p.is('(')) p.unexpected(method === undefined ? 'HASH, RANGE or names of columns in brackets' : "'('");
    columns = parseIdentifiers(p);
  }
  let buckets: number | undefined;
  if (columns.length === 0 || p.is('INTO')) {
    p.expect('INTO');
    const count = p.peek();
    if (count.kind !== 'number' || !/^\d+$/.test(p.source(count))) p.unexpected('a number of buckets');
    p.take();
    buckets = Number(p.source(count));
    p.expect('BUCKETS');
  }
  return {
    distribution: p.span(start),
    distributedBy: {
      ...(method === undefined ? {} : { method }),
      columns,
      ...(buckets === undefined ? {} : { buckets }),
    },
  };
}

const likeable = [
  'ALL',
  'CONSTRAINTS',
  'DISTRIBUTION',
  'GENERATED',
  'METADATA',
  'OPTIONS',
  'PARTITIONS',
  'WATERMARKS',
] as const;

/** `LIKE source [( INCLUDING ALL EXCLUDING OPTIONS … )]`. */
function parseLike(p: Cursor): LikeClause {
  const start = p.take();
  const source = parseName(p, 'the name of a table');
  const clauses: LikeClause['clauses'][number][] = [];
  if (p.accept('(')) {
    do {
      const token = p.peek();
      const mode = p.acceptOne('INCLUDING', 'EXCLUDING', 'OVERWRITING');
      if (mode === undefined) p.unexpected('INCLUDING, EXCLUDING or OVERWRITING');
      const what = p.acceptOne(...likeable);
      if (what === undefined) p.unexpected(`${likeable.slice(0, -1).join(', ')} or ${likeable.at(-1)}`);
      clauses.push({ mode, what, span: p.span(token) });
      if (p.is(',')) p.unexpected("')' or the next clause", { help: 'these clauses stand without commas' });
    } while (!p.is(')'));
    p.take();
  }
  return { source, clauses, span: p.span(start) };
}
