import { join } from '../diagnostics/diagnostic.ts';
import { castTo, literal } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Expression, Values } from '../syntax/ast.ts';
import { commonType } from '../types/coerce.ts';
import { type DataType, type Field, typeText } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';
import { analyzeExpression, illegalNull } from './expression.ts';
import { type Relation, unknownRelation } from './relation.ts';
import { emptyScope, type Scope } from './scope.ts';

/** Constant rows; each column has the common type of its values and is called EXPR$0, EXPR$1, … */
export function analyzeValues(context: Context, node: Values, outer: Scope | undefined): Relation {
  const scope: Scope = outer === undefined ? emptyScope : { tables: [], outer };
  const width = node.rows[0]!.length;
  const odd = node.rows.find((row) => row.length !== width);
  const rows = node.rows.map((row) => row.map((item) => analyzeItem(context, scope, item)));
  if (odd !== undefined) {
    const settled = rows.every((row) => row.every((value) => value !== undefined));
    const at = odd.length === 0 ? node.span : join(odd[0]!.span, odd.at(-1)!.span);
    const message = `the rows of VALUES have ${width} and ${odd.length} values`;
    if (settled) mistake(context, 'invalid-query', message, at);
    return unknownRelation;
  }
  const types = Array.from({ length: width }, (_, c) => columnType(context, rows, node.rows, c));
  const fields = types.map((type, c) => ({ name: `EXPR$${c}`, type }));
  const known: Field[] = [];
  for (const { name, type } of fields) {
    if (type === undefined) return { fields, plan: undefined };
    known.push({ name, type });
  }
  const { timeZone } = context.session;
  const cast: Expr[][] = [];
  for (const row of rows) {
    if (!row.every((item) => item !== undefined)) return { fields, plan: undefined };
    cast.push(row.map((item, c) => castTo(item, known[c]!.type, timeZone)));
  }
  return { fields, plan: { kind: 'values', rows: cast, fields: known } };
}

function analyzeItem(context: Context, scope: Scope, node: Expression): Expr | undefined {
  const expr = analyzeExpression(context, scope, node);
  return expr?.type.kind === 'NULL' ? illegalNull(context, node) : expr;
}

/** One row without columns: what a SELECT without FROM reads. */
export const singleRow: Relation = { fields: [], plan: { kind: 'values', rows: [[]], fields: [] } };

function columnType(
  context: Context,
  rows: readonly (readonly (Expr | undefined)[])[],
  nodes: readonly (readonly Expression[])[],
  index: number,
): DataType | undefined {
  const types: DataType[] = [];
  for (const row of rows) {
    const item = row[index];
    if (item === undefined) return undefined;
    types.push(item.type);
  }
  const common = commonType(types);
  if (common !== undefined) return common;
  const at = types.findIndex((_, i) => commonType(types.slice(0, i + 1)) === undefined);
  const before = commonType(types.slice(0, at)) ?? types[0]!;
  const message = `column ${index + 1} of VALUES is ${typeText(before, false)} before and ${typeText(types[at]!, false)} here`;
  return mistake(context, 'type-mismatch', message, nodes[at]![index]!.span, { help: 'cast one of them' });
}

/** A constant NULL for a column that a row leaves out. */
export function missing(type: DataType): Expr {
  return literal(type, null);
}
