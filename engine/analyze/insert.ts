import type { Fix, Span } from '../diagnostics/diagnostic.ts';
import { castTo, column as columnExpr } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { SinkPlan } from '../plan/plan.ts';
import type { Identifier, Insert, Query } from '../syntax/ast.ts';
import { resolveCast } from '../types/cast.ts';
import { implicitlyCastable } from '../types/coerce.ts';
import { type Field, typeText } from '../types/data-type.ts';
import { checkChangelog } from './check-changelog.ts';
import { checkReplay } from './check-replay.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { reportUnknownTable } from './from.ts';
import { analyzeQuery } from './query.ts';
import { missingComma, type Relation } from './relation.ts';
import { finishRanks } from './row-number.ts';
import { emptyScope } from './scope.ts';
import { sinkConstraintsOf } from './settings.ts';
import { bindOptions, type DefinedColumn, type TableDefinition } from './table-definition.ts';
import { missing } from './values.ts';

/** What is written, and into which columns. */
interface Written {
  readonly relation: Relation;
  /** One for each column of the relation. */
  readonly columns: readonly DefinedColumn[];
  readonly querySpan: Span;
  /** Where each column of the query is written, as far as it can be told. */
  readonly itemSpans: readonly (Span | undefined)[];
  /** Constants of PARTITION. */
  readonly constants?: ReadonlyMap<string, Expr>;
}

/** An INSERT as a plan whose columns are those that the sink writes; undefined after a report. */
export function analyzeInsert(context: Context, node: Insert): SinkPlan | undefined {
  const found = analyzeQuery(context, node.query);
  const relation: Relation = { ...found, plan: found.plan && finishRanks(context, found.plan) };
  const target = context.catalog.find(node.target);
  if (node.overwrite) unsupported(context, 'INSERT OVERWRITE is', node.target.span);
  if (target === undefined) {
    const tables = context.catalog.list().filter((object) => object.kind === 'table');
    reportUnknownTable(
      context,
      node.target,
      'table',
      tables.map(({ path }) => path[2]!),
    );
    return undefined;
  }
  if (target.kind === 'view') {
    return mistake(context, 'wrong-role', `'${target.path[2]}' is a view: only tables are written`, node.target.span);
  }
  const { definition } = target;
  const constants = partitionConstants(context, definition, node);
  const columns = targetColumns(context, definition, node, constants);
  if (columns === undefined || constants === undefined) return undefined;
  const plan = analyzeInsertInto(context, definition, target.path, node, {
    relation,
    columns,
    querySpan: node.query.span,
    itemSpans: itemSpans(node.query),
    constants,
  });
  return node.overwrite ? undefined : plan;
}

export function analyzeInsertInto(
  context: Context,
  definition: TableDefinition,
  path: readonly string[],
  node: Pick<Insert, 'target' | 'span'> & { readonly hints?: Insert['hints'] },
  written: Written,
): SinkPlan | undefined {
  const { relation, columns } = written;
  const hints = (node.hints ?? []).flatMap((hint) => hint.options);
  const bound = hints.length === 0 ? definition.bound : bindOptions(context, definition, hints, node.target.span);
  let readOnly = false;
  const connector = bound?.use('sink', node.target.span, {
    report: (diagnostic) => {
      readOnly ||= diagnostic.code === 'wrong-role' && diagnostic.span === node.target.span;
      // What does not fit a column that was reported is not told again.
      if (!definition.broken) context.report.report(diagnostic);
    },
  });
  if (relation.open === true) return undefined;
  if (relation.fields.length !== columns.length) {
    // While items are wrong nobody knows how many are meant.
    const settled = relation.fields.every((field) => field.type !== undefined);
    return settled && !readOnly ? reportCount(context, definition, written) : undefined;
  }
  const unfit: number[] = [];
  const sources = new Map<number, number>();
  relation.fields.forEach((field, i) => {
    const column = columns[i]!;
    if (column.shapeIndex !== undefined) sources.set(column.shapeIndex, i);
    if (field.type === undefined || column.type === undefined) return;
    if (implicitlyCastable(field.type, column.type)) return;
    unfit.push(i);
  });
  let ok = unfit.length === 0;
  if (!ok) reportTypes(context, definition, written, unfit);
  const { shape } = definition;
  const all = shape.columns.flatMap((column, i) => (column.kind === 'metadata' && column.virtual ? [] : [i]));
  for (const index of all) {
    const column = shape.columns[index]!;
    if (column.kind === 'metadata' && bound?.metadata[column.key]?.writable === false) {
      ok = false;
      const message = `metadata '${column.key}' of '${shape.name}' can only be read`;
      mistake(context, 'wrong-role', message, node.target.span, { help: 'declare the column VIRTUAL' });
    }
    const declared = definition.columns.find((c) => c.shapeIndex === index)!;
    if (!sources.has(index) && !written.constants?.has(column.name) && declared.type?.nullable === false) {
      ok = false;
      const message = `column '${column.name}' of '${shape.name}' is NOT NULL and the INSERT leaves it out`;
      mistake(context, 'sink-type', message, node.target.span);
    }
  }
  const { plan } = relation;
  if (!ok || plan === undefined || connector === undefined || definition.broken) return undefined;
  if (connector.exactlyOnce) checkReplay(context, plan, node.target.span);
  checkConstraints(context, node.target.span);
  const { timeZone } = context.session;
  const fields = all.map((index): Field => {
    const { name, type } = shape.columns[index]!;
    return { name, type };
  });
  const expressions = all.map((index, i): Expr => {
    const declared = definition.columns.find((c) => c.shapeIndex === index)!.type!;
    const source = sources.get(index);
    const value =
      source === undefined
        ? (written.constants?.get(shape.columns[index]!.name) ?? missing(declared))
        : columnExpr(source, plan.fields[source]!, written.itemSpans[source]);
    return castTo(castTo(value, declared, timeZone), fields[i]!.type, timeZone);
  });
  const same =
    expressions.length === plan.fields.length && expressions.every((e, i) => e.kind === 'column' && e.index === i);
  const sinkFields = fields.map((field, i) => ({
    ...field,
    type: { ...field.type, nullable: expressions[i]!.type.nullable },
  }));
  const sink: SinkPlan = {
    kind: 'sink',
    path,
    table: shape,
    connector,
    written: all,
    input: same ? { ...plan, fields: sinkFields } : { kind: 'project', input: plan, expressions, fields: sinkFields },
    span: node.span,
  };
  return checkChangelog(context, sink, node.target.span) ? sink : undefined;
}

/** Flink cuts and pads in rows only. */
function checkConstraints(context: Context, span: Span): void {
  const { typeLength, nesting } = sinkConstraintsOf(context.settings.values);
  if (typeLength !== 'TRIM_PAD' || nesting !== 'ROWS_AND_COLLECTIONS') return;
  const message = "values in arrays and maps are not cut or padded: 'TRIM_PAD' does not go with 'ROWS_AND_COLLECTIONS'";
  mistake(context, 'bad-setting', message, span, {
    help: "SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS'",
  });
}

/** The columns that the query fills: those of the list, or all that can be written. */
function targetColumns(
  context: Context,
  definition: TableDefinition,
  node: Insert,
  constants: ReadonlyMap<string, Expr> | undefined,
): DefinedColumn[] | undefined {
  const writable = definition.columns.filter(isWritable);
  if (node.columns === undefined) return writable.filter((column) => !constants?.has(column.name));
  const chosen = new Set<string>();
  const columns: DefinedColumn[] = [];
  for (const name of node.columns) {
    const column = findTarget(context, definition, name);
    if (column === undefined) continue;
    if (chosen.has(name.name)) {
      mistake(context, 'duplicate-name', `the INSERT names column '${name.name}' twice`, name.span);
      continue;
    }
    chosen.add(name.name);
    columns.push(column);
  }
  return columns.length === node.columns.length ? columns : undefined;
}

function findTarget(context: Context, definition: TableDefinition, name: Identifier): DefinedColumn | undefined {
  const column = definition.columns.find((c) => c.name === name.name);
  if (column !== undefined && isWritable(column)) return column;
  const table = definition.shape.name;
  if (column !== undefined) {
    const kind = column.node.kind === 'computed' ? 'computed' : 'virtual';
    return mistake(
      context,
      'unknown-column',
      `column '${name.name}' of '${table}' is ${kind} and cannot be written`,
      name.span,
    );
  }
  const names = definition.columns.filter(isWritable).map((c) => c.name);
  const extra = didYouMean(name.name, names, name.span, `its columns: ${names.join(', ')}`);
  return mistake(context, 'unknown-column', `table '${table}' has no column '${name.name}'`, name.span, extra);
}

function isWritable(column: DefinedColumn): boolean {
  return column.node.kind === 'physical' || (column.node.kind === 'metadata' && !column.node.virtual);
}

/** `PARTITION (dt = '2024-01-01')`: constants for columns. */
function partitionConstants(
  context: Context,
  definition: TableDefinition,
  node: Insert,
): ReadonlyMap<string, Expr> | undefined {
  const constants = new Map<string, Expr>();
  for (const { column: name, value } of node.partition) {
    const column = findTarget(context, definition, name);
    const expr = analyzeExpression(context, emptyScope, value);
    if (column?.type === undefined || expr === undefined) return undefined;
    if (!definition.shape.partitionedBy.includes(name.name)) {
      return mistake(
        context,
        'unknown-column',
        `'${name.name}' is no partition column of '${definition.shape.name}'`,
        name.span,
      );
    }
    if (resolveCast(expr.type, column.type, context.session.timeZone) === undefined) {
      const message = `column '${name.name}' is ${typeText(column.type, false)}, the value ${typeText(expr.type, false)}`;
      return mistake(context, 'sink-type', message, value.span);
    }
    constants.set(name.name, expr);
  }
  return constants;
}

function reportCount(context: Context, definition: TableDefinition, written: Written): undefined {
  const count = (n: number) => `${n} column${n === 1 ? '' : 's'}`;
  const { fields, swallowed = [] } = written.relation;
  const [first] = fields.length < written.columns.length ? swallowed : [];
  const { span, ...extra } = first === undefined ? { span: written.querySpan } : missingComma(first);
  return mistake(
    context,
    'column-count',
    `the query gives ${count(written.relation.fields.length)}, '${definition.shape.name}' takes ${written.columns.length}`,
    span,
    { help: bothSides(written), ...extra },
  );
}

/** The columns that do not fit are one mistake, at the first of them: often they are only in another order. */
function reportTypes(context: Context, definition: TableDefinition, written: Written, unfit: readonly number[]): void {
  const { relation, columns, itemSpans } = written;
  const first = unfit[0]!;
  const from = relation.fields[first]!.type!;
  const to = columns[first]!.type!;
  const others = unfit.slice(1).map((i) => `'${relation.fields[i]!.name}'`);
  const message =
    `column ${first + 1} of the query, '${relation.fields[first]!.name}', is ${typeText(from, false)}, ` +
    `column '${columns[first]!.name}' of '${definition.shape.name}' is ${typeText(to, false)}` +
    (others.length === 0 ? '' : `; ${others.join(', ')} ${others.length === 1 ? 'does' : 'do'} not fit either`);
  const span = itemSpans[first] ?? written.querySpan;
  const cast = resolveCast(from, to, context.session.timeZone);
  const help =
    others.length > 0
      ? bothSides(written)
      : cast &&
        `write CAST(… AS ${typeText(to, false)})${cast.fallible ? ', or TRY_CAST, which gives NULL where it fails' : ''}`;
  const fix = others.length > 0 ? reorder(context, written, unfit) : cast && castItem(context, written, first);
  mistake(context, 'sink-type', message, span, {
    ...(help === undefined ? {} : { help }),
    ...(fix === undefined ? {} : { fix }),
  });
}

function castItem({ text }: Context, { columns, itemSpans }: Written, i: number): Fix | undefined {
  const span = itemSpans[i];
  if (span === undefined || text === undefined) return undefined;
  return { span, text: `CAST(${text.slice(span.start, span.end)} AS ${typeText(columns[i]!.type!, false)})` };
}

/** Two items of the query that fit each other's columns change places. */
function reorder({ text }: Context, { relation, columns, itemSpans }: Written, unfit: readonly number[]) {
  const [i, j] = unfit;
  if (unfit.length !== 2 || i === undefined || j === undefined || text === undefined) return undefined;
  const [first, second] = [itemSpans[i], itemSpans[j]];
  if (first === undefined || second === undefined) return undefined;
  if (!implicitlyCastable(relation.fields[i]!.type!, columns[j]!.type!)) return undefined;
  if (!implicitlyCastable(relation.fields[j]!.type!, columns[i]!.type!)) return undefined;
  const between = text.slice(first.end, second.start);
  return {
    span: { start: first.start, end: second.end },
    text: `${text.slice(second.start, second.end)}${between}${text.slice(first.start, first.end)}`,
  };
}

function bothSides({ relation, columns }: Written): string {
  const shown = (list: Relation['fields']) =>
    list.map(({ name, type }) => `${name} ${type === undefined ? '?' : typeText(type, false)}`).join(', ');
  return `query: (${shown(relation.fields)}), sink: (${shown(columns)})`;
}

/** Where the columns of a query are written: the items of its first SELECT, or the values of its first row. */
function itemSpans(query: Query): (Span | undefined)[] {
  let body: Query['body'] = query.body;
  while (body.kind === 'query' || body.kind === 'set-operation') body = body.kind === 'query' ? body.body : body.left;
  if (body.kind === 'values') return body.rows[0]?.map((value) => value.span) ?? [];
  const spans: (Span | undefined)[] = [];
  for (const { expression } of body.items) {
    if (expression.kind === 'reference' && expression.star) return spans;
    spans.push(expression.span);
  }
  return spans;
}
