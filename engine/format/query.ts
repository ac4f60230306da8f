import type { Query, QueryBody } from '../syntax/ast.ts';
import { concat, type Doc, group, indent, line, text } from './doc.ts';
import { partsOf, within } from './expression.ts';
import { lines, type Part, row, type Source, splitAtCommas, type Unit, unitsOf } from './unit.ts';

/** A query as one line, or a clause a line. */
export function layoutQuery(source: Source, query: Query): Doc {
  return within(source, unitsOf(source, query.span, queryParts(source, query)), (units) => {
    const clauses = clausesOf(source, units);
    return group(
      [lines(clauses)],
      clauses.some(({ first }, i) => i > 0 && first.newLine),
    );
  });
}

/** The same behind the beginning of a statement, from which its first clause is set off. */
export function layoutQueryBehind(source: Source, query: Query): Doc {
  const units = unitsOf(source, query.span, queryParts(source, query));
  if (units[0]?.inside !== undefined && units.length === 1) return concat([text(' '), layoutQuery(source, query)]);
  const clauses = clausesOf(source, units);
  return group(
    [line, lines(clauses)],
    clauses.some(({ first }) => first.newLine),
  );
}

/** Everything inside with a layout of its own. The operands of set operations are clauses of the query itself. */
function queryParts(source: Source, query: Query): Part[] {
  const { orderBy, limit, offset } = query;
  return [...partsOf(source, [query.with, orderBy, limit, offset]), ...bodyParts(source, query.body)];
}

function bodyParts(source: Source, body: QueryBody): Part[] {
  switch (body.kind) {
    case 'set-operation':
      return [...bodyParts(source, body.left), ...bodyParts(source, body.right)];
    case 'query':
      return [{ span: body.span, layout: () => layoutQuery(source, body) }];
    case 'select':
    case 'values':
      return partsOf(source, body);
  }
}

interface Clause {
  readonly first: Unit['first'];
  readonly doc: Doc;
}

function clausesOf(source: Source, units: readonly Unit[]): Clause[] {
  const starts = units.flatMap((_, i) => (i === 0 || beginsClause(source, units, i) ? [i] : []));
  return starts.map((start, i) => ({
    first: units[start]!.first,
    doc: layoutClause(source, units.slice(start, starts[i + 1])),
  }));
}

const clauseKeys: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE GROUP HAVING WINDOW QUALIFY ORDER LIMIT OFFSET FETCH UNION INTERSECT EXCEPT VALUES'.split(' '),
);
const joinKeys: ReadonlySet<string> = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);
const setOperators: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT']);

function beginsClause({ spelling }: Source, units: readonly Unit[], at: number): boolean {
  const { key, first } = units[at]!;
  const previous = units[at - 1]!;
  const next = units[at + 1];
  if (setOperators.has(previous.key)) return key !== 'ALL' && key !== 'DISTINCT';
  if ((previous.key === 'ALL' || previous.key === 'DISTINCT') && setOperators.has(units[at - 2]?.key ?? ''))
    return true;
  if (spelling.names.has(first.start) || next === undefined) return false;
  if (key === 'FROM') return previous.key !== 'DISTINCT';
  if (key === 'GROUP' || key === 'ORDER') return next.key === 'BY';
  if (clauseKeys.has(key)) return next.first.key !== '(' || !spelling.callees.has(first.start);
  if (!joinKeys.has(key) || joinKeys.has(previous.key) || previous.key === 'OUTER') return false;
  return key === 'JOIN' || joinKeys.has(next.key) || next.key === 'OUTER';
}

function layoutClause(source: Source, units: readonly Unit[]): Doc {
  const keys = units.map(({ key }) => key);
  switch (keys[0]) {
    case 'SELECT': {
      const hints = keys[1] === '/*+' ? keys.indexOf('*/') + 1 : 1;
      const head = keys[hints] === 'DISTINCT' || keys[hints] === 'ALL' ? hints + 1 : hints;
      return layoutList(source, units, head);
    }
    case 'VALUES':
      return layoutList(source, units, 1);
    case 'GROUP':
    case 'ORDER':
      return layoutList(source, units, 2);
    case 'FROM':
    case 'WINDOW': {
      const [first, ...rest] = splitAtCommas(units).map((item) => row(source, item));
      return group([first!, indent(rest.flatMap((item) => [line, item]))]);
    }
    case 'WITH':
      return concat(
        splitAtCommas(units).flatMap((item, i) => (i === 0 ? [row(source, item)] : [line, row(source, item)])),
      );
    default:
      return layoutJoin(source, units);
  }
}

/** A keyword and a list: on one line, or an item a line. */
function layoutList(source: Source, units: readonly Unit[], head: number): Doc {
  const items = splitAtCommas(units.slice(head)).map((item) => ({
    first: item[0]!.first,
    doc: row(source, item),
  }));
  const broken = items.some(({ first }) => first.newLine);
  return group([row(source, units.slice(0, head)), indent([line, lines(items)])], broken);
}

function layoutJoin(source: Source, units: readonly Unit[]): Doc {
  const on = joinKeys.has(units[0]!.key) ? units.findIndex(({ key }) => key === 'ON') : -1;
  if (on < 0) return row(source, units);
  return group([row(source, units.slice(0, on)), indent([line, row(source, units.slice(on))])]);
}
