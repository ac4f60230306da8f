import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { castTo, column as columnExpr } from '../plan/build.ts';
import { type Expr, replaceColumns } from '../plan/expr.ts';
import type { Normalize, Plan, Scan } from '../plan/plan.ts';
import type { Option, TableReference } from '../syntax/ast.ts';
import type { Field } from '../types/data-type.ts';
import type { CatalogTable } from './catalog.ts';
import { type Context, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { checkHint } from './hint.ts';
import type { Relation } from './relation.ts';
import { analyzeComputed, bindOptions } from './table-definition.ts';

/**
 * Reading a table: a scan of what the connector gives, and above it the casts of metadata columns and the computed
 * columns, in the order of the declaration.
 */
export function readTable(
  context: Context,
  table: CatalogTable,
  node: TableReference,
  role: 'source' | 'lookup' = 'source',
): Relation {
  const { definition } = table;
  const { shape, columns } = definition;
  const fields = columns.map(({ name, type }) => ({ name, type }));
  const hints = optionHints(context, node);
  const bound =
    hints.length === 0 && context.settings.ofTable(shape.name).size === 0
      ? definition.bound
      : bindOptions(context, definition, hints, node.name.span);
  // What does not fit a column that was reported is not told again.
  const report = definition.broken ? new Diagnostics() : context.report;
  const connector = bound?.use(role, node.name.span, report);
  if (connector === undefined || definition.broken) return { fields, plan: undefined };
  for (const each of shape.columns) {
    if (each.kind === 'metadata' && bound?.metadata[each.key]?.readable === false) {
      mistake(context, 'wrong-role', `metadata '${each.key}' of '${shape.name}' can only be written`, node.name.span);
      return { fields, plan: undefined };
    }
  }
  const scanned: Field[] = shape.columns.map(({ name, type }) => ({ name, type }));
  const scan: Scan = {
    kind: 'scan',
    path: table.path,
    table: shape,
    connector,
    columns: shape.columns.map((_, i) => i),
    fields: scanned,
    span: node.name.span,
  };
  const rows = role === 'lookup' || connector.gives === 'append' ? scan : normalize(scan);
  const expressions = readColumns(context, table, scanned);
  if (expressions === undefined) return { fields, plan: undefined };
  if (expressions.every((e, i) => e.kind === 'column' && e.index === i) && expressions.length === scanned.length) {
    return withWatermark(context, table, { fields: scanned, plan: rows }, fields, connector.idleTimeout);
  }
  const outputs = columns.map(({ name }, i): Field => ({ name, type: expressions[i]!.type }));
  const plan: Plan = { kind: 'project', input: rows, expressions, fields: outputs };
  return withWatermark(context, table, { fields: outputs, plan }, outputs, connector.idleTimeout);
}

/** What an upserting source says, as changes of the rows by the PRIMARY KEY of the table. */
function normalize(scan: Scan): Normalize {
  const { table, columns, fields } = scan;
  if (table.primaryKey === undefined) throw new Error(`'${table.name}' is read by key and has none`);
  return { kind: 'normalize', input: scan, keys: table.primaryKey.map((index) => columns.indexOf(index)), fields };
}

/** The table's rows with its WATERMARK; what is wrong with it was reported where the table was created. */
function withWatermark(
  context: Context,
  { definition }: CatalogTable,
  { plan, fields }: { readonly plan: Plan; readonly fields: readonly Field[] },
  shown: Relation['fields'],
  idle: number | undefined,
): Relation {
  const [declared] = definition.text.watermarks;
  const rowtime = declared === undefined ? -1 : fields.findIndex(({ name }) => name === declared.column[0]!.name);
  if (declared === undefined || rowtime < 0) return { fields: shown, plan };
  const silent: Context = { ...context, report: new Diagnostics(), observe: undefined };
  const scope = { tables: [{ name: undefined, fields, offset: 0, open: false }] };
  const expression = analyzeExpression(silent, scope, declared.expression);
  if (expression === undefined) return { fields: shown, plan };
  const idleTimeout = idle ?? context.settings.values['table.exec.source.idle-timeout'];
  const waiting = idleTimeout > 0 ? { idleTimeout } : {};
  return {
    fields: shown,
    plan: { kind: 'watermark', input: plan, rowtime, expression, ...waiting, fields: plan.fields },
  };
}

/** Each column of the table over the columns of its scan. */
function readColumns(context: Context, table: CatalogTable, scanned: readonly Field[]): Expr[] | undefined {
  const { columns } = table.definition;
  const declared = columns.map((column): Expr | undefined => {
    if (column.shapeIndex === undefined || column.type === undefined) return undefined;
    const read = columnExpr(column.shapeIndex, scanned[column.shapeIndex]!);
    const cast = castTo(read, column.type, context.session.timeZone, column.node.span);
    // The declared nullability holds: Flink believes it too.
    return cast === read ? { ...read, type: column.type } : cast;
  });
  // What is wrong with an expression was reported where the table was created.
  const silent: Context = { ...context, report: new Diagnostics() };
  const all = columns.map((column, i) => {
    if (column.node.kind !== 'computed') return declared[i];
    const expr = analyzeComputed(silent, columns, column.node);
    return expr && substitute(expr, declared);
  });
  return all.every((expr) => expr !== undefined) ? all : undefined;
}

function substitute(expr: Expr, columns: readonly (Expr | undefined)[]): Expr {
  return replaceColumns(expr, (column) => columns[column.index] ?? column);
}

/** Options of `/*+ OPTIONS(…) *\/`; other hints say nothing to this engine. */
function optionHints(context: Context, node: TableReference): Option[] {
  return node.hints.flatMap((hint) => {
    if (hint.name.name.toUpperCase() === 'OPTIONS') return [...hint.options];
    checkHint(context, hint);
    return [];
  });
}
