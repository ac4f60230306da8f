import type { CreateTable, Explain, Insert, Query, Statement, StatementSet } from '../syntax/ast.ts';
import { concat, type Doc, hardLine, indent, pad, text } from './doc.ts';
import { partsOf } from './expression.ts';
import { layoutQuery, layoutQueryBehind } from './query.ts';
import { enclose, gap, lines, row, type Source, splitAtCommas, type Unit, unitsOf } from './unit.ts';

/** A statement without its semicolon. */
export function layoutStatement(source: Source, statement: Statement): Doc {
  switch (statement.kind) {
    case 'create-table':
      return layoutCreateTable(source, statement);
    case 'create-view':
    case 'insert':
      return withQuery(source, statement, statement.query);
    case 'select-statement':
      return layoutQuery(source, statement.query);
    case 'statement-set':
      return layoutSet(source, statement);
    case 'explain':
      return layoutExplain(source, statement);
    default:
      return row(source, unitsOf(source, statement.span, partsOf(source, statement)));
  }
}

/** A statement that ends with a query. */
function withQuery(source: Source, { span }: Statement, query: Query): Doc {
  const head = unitsOf(source, { start: span.start, end: query.span.start }, []);
  return concat([row(source, head), layoutQueryBehind(source, query)]);
}

function layoutExplain(source: Source, { span, statement }: Explain): Doc {
  if (statement.kind === 'select-statement') return withQuery(source, { ...statement, span }, statement.query);
  const head = unitsOf(source, { start: span.start, end: statement.span.start }, []);
  return concat([row(source, head), text(' '), layoutStatement(source, statement)]);
}

function layoutSet(source: Source, set: StatementSet): Doc {
  const part = (insert: Insert) => ({ span: insert.span, layout: () => layoutStatement(source, insert) });
  const units = unitsOf(source, set.span, set.inserts.map(part));
  const first = units.findIndex((unit) => unit.first.start === set.inserts[0]?.span.start);
  const from = first < 0 ? units.length - 1 : first;
  const begin = set.form === 'execute' ? from - 1 : 0;
  const head = [
    ...(begin === 0 ? [] : [row(source, units.slice(0, begin)), hardLine]),
    row(source, units.slice(begin, from)),
  ];
  const body: { first: Unit['first']; doc: Doc }[] = [];
  for (const unit of units.slice(from, -1)) {
    if (unit.key !== ';') body.push(unit);
    else body.push({ first: unit.first, doc: concat([body.pop()?.doc ?? text(''), unit.doc]) });
  }
  return concat([...head, indent(body.flatMap(({ doc }) => [hardLine, doc])), hardLine, units.at(-1)!.doc]);
}

function layoutCreateTable(source: Source, table: CreateTable): Doc {
  const { as } = table;
  const { as: _, ...rest } = table;
  const span = { start: table.span.start, end: as?.span.start ?? table.span.end };
  const units = unitsOf(source, span, partsOf(source, rest));
  const columns = units.findIndex((unit) => unit.inside !== undefined && unit.first.start > table.name.span.start);
  const hasColumns = table.columns.length + table.watermarks.length > 0 || table.primaryKey !== undefined;
  const docs = units.map((unit, i) => {
    if (hasColumns && i === columns) return layoutColumns(source, unit);
    if (units[i - 1]?.key === 'WITH' && (unit.inside?.length ?? 0) > 0) return layoutOptions(source, unit);
    return unit.doc;
  });
  const head = units.map((unit, i) =>
    i === 0 ? docs[i]! : concat([gap(source, units[i - 1]!.last, unit.first), docs[i]!]),
  );
  return concat(as === undefined ? head : [...head, layoutQueryBehind(source, as)]);
}

/** A column a line, the types below each other. */
function layoutColumns(source: Source, { first, inside, last }: Unit): Doc {
  const items = splitAtCommas(inside!);
  const isColumn = ([name]: readonly Unit[]) =>
    name!.first.kind === 'quoted' || source.spelling.names.has(name!.first.start);
  const widths = items.map((item) => (isColumn(item) ? item[0]!.first.text.length : 0));
  const widest = Math.max(...widths);
  const docs = items.map((item, i) => {
    const [name, ...rest] = item;
    const padding = pad(widest - widths[i]! + 1);
    const doc = isColumn(item) ? concat([name!.doc, padding, row(source, rest)]) : row(source, item);
    return { first: name!.first, doc };
  });
  return enclose(
    source,
    first,
    lines(docs),
    last,
    docs.some((item) => item.first.newLine),
  );
}

function layoutOptions(source: Source, { first, inside, last }: Unit): Doc {
  const items = splitAtCommas(inside!).map((item) => ({ first: item[0]!.first, doc: row(source, item) }));
  return enclose(
    source,
    first,
    lines(items),
    last,
    items.some((item) => item.first.newLine),
  );
}
