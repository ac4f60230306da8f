import { type BoundTable, bindTable } from '../connector/bind.ts';
import type { OptionText } from '../connector/read-option.ts';
import type { TableColumn, TableShape } from '../connector/table.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { ColumnDefinition, Identifier, Option, PrimaryKey, Watermark } from '../syntax/ast.ts';
import { resolveCast } from '../types/cast.ts';
import { isNumeric, isTimestamp } from '../types/coerce.ts';
import { type DataType, typeText, withNullable } from '../types/data-type.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';
import type { Relation } from './relation.ts';
import { columnsHelp } from './scope.ts';
import { resolveType } from './type.ts';

/** What CREATE TABLE says, LIKE clauses merged in. */
export interface TableText {
  readonly name: Identifier;
  readonly columns: readonly ColumnDefinition[];
  readonly watermarks: readonly Watermark[];
  readonly primaryKey: PrimaryKey | undefined;
  readonly partitionedBy: readonly Identifier[];
  readonly options: readonly Option[];
  readonly comment: string | undefined;
  readonly span: Span;
}

/** A column of the table as queries see it. */
export interface DefinedColumn {
  readonly name: string;
  /** As declared; absent where the declaration has a mistake. */
  readonly type: DataType | undefined;
  readonly node: ColumnDefinition;
  /** Index into `shape.columns`; absent for computed columns. */
  readonly shapeIndex: number | undefined;
}

/** A declared table. `bound` is absent where the connector is missing or unknown. */
export interface TableDefinition {
  readonly text: TableText;
  readonly columns: readonly DefinedColumn[];
  readonly shape: TableShape;
  readonly bound: BoundTable | undefined;
  /** Some column, key or type of it was reported. */
  readonly broken: boolean;
}

/**
 * Resolves types and columns, checks keys, watermarks and options; reports all mistakes of the declaration. The columns
 * of `query` (CREATE TABLE … AS) follow the written ones.
 */
export function defineTable(context: Context, text: TableText, query?: Relation): TableDefinition {
  let broken = false;
  const failed = () => {
    broken = true;
  };
  const names = new Set<string>();
  const written = new Map(text.options.map((option) => [option.key.value, option.value.value]));
  const connector = context.registry.connectors.find((c) => c.name === written.get('connector')?.trim());
  const keyNames = new Set(text.primaryKey?.columns.map((column) => column.name));
  const shapeColumns: TableColumn[] = [];
  const columns: DefinedColumn[] = [];
  for (const node of text.columns) {
    if (names.has(node.name.name)) {
      mistake(context, 'duplicate-name', `the table has a column '${node.name.name}' already`, node.name.span);
      failed();
      continue;
    }
    names.add(node.name.name);
    if (node.kind === 'computed') {
      columns.push({ name: node.name.name, type: undefined, node, shapeIndex: undefined });
      continue;
    }
    const declared = resolveType(context, node.type);
    if (declared === undefined) failed();
    const name = node.name.name;
    const type = declared && keyNames.has(name) ? withNullable(declared, false) : declared;
    const shapeIndex = type === undefined ? undefined : shapeColumns.length;
    columns.push({ name, type, node, shapeIndex });
    if (type === undefined) continue;
    if (node.kind === 'physical') shapeColumns.push({ kind: 'physical', name, type });
    else {
      const key = node.from?.value ?? name;
      const given = connector?.metadata?.[key];
      if (connector !== undefined && given === undefined) {
        failed();
        reportUnknownMetadata(context, node, key, connector.name, Object.keys(connector.metadata ?? {}));
      } else if (given !== undefined && resolveCast(given.type, type, context.session.timeZone) === undefined) {
        failed();
        const message = `metadata '${key}' is ${typeText(given.type)}, which cannot be cast to ${typeText(type)}`;
        mistake(context, 'invalid-type', message, node.type.span);
      }
      shapeColumns.push({ kind: 'metadata', name, key, virtual: node.virtual, type: given?.type ?? type });
    }
  }
  for (const { name, type } of query?.fields ?? []) {
    if (names.has(name)) continue;
    names.add(name);
    const shapeIndex = type === undefined ? undefined : shapeColumns.length;
    columns.push({ name, type, node: impliedColumn(text.name, name), shapeIndex });
    if (type !== undefined) shapeColumns.push({ kind: 'physical', name, type });
  }
  const resolved = columns.map((column) => {
    if (column.node.kind !== 'computed') return column;
    const expr = analyzeComputed(context, columns, column.node);
    return { ...column, type: expr?.type };
  });
  const primaryKey = checkPrimaryKey(context, text, resolved, failed);
  checkPartitions(context, text, resolved);
  checkWatermarks(context, text, resolved);
  const shape: TableShape = {
    name: text.name.name,
    columns: shapeColumns,
    ...(primaryKey === undefined ? {} : { primaryKey }),
    partitionedBy: text.partitionedBy.map((column) => column.name).filter((name) => names.has(name)),
  };
  const bound = bindOptions(context, { shape, text }, [], text.name.span);
  return { text, columns: resolved, shape, bound, broken };
}

/** The declaration of a column that CREATE TABLE … AS takes from its query. */
function impliedColumn(at: Identifier, name: string): ColumnDefinition {
  const { span } = at;
  const type = { kind: 'type', name: '', parameters: [], elements: [], fields: [], span } as const;
  return { kind: 'physical', name: { kind: 'identifier', name, quoted: true, span }, type, span };
}

/** Reads the options of a table for one use of it, whose hints add to them; remembers which values are secret. */
export function bindOptions(
  context: Context,
  { shape, text }: Pick<TableDefinition, 'shape' | 'text'>,
  hints: readonly Option[],
  at: Span,
): BoundTable | undefined {
  const bound = bindTable(context.registry, shape, optionTexts(context, text, hints), at, context.report);
  for (const secret of bound?.secrets ?? []) context.secrets.add(secret);
  return bound;
}

/** The options as written, overridden by `cryptopipe.table.NAME.OPTION` settings and by the hints of one use. */
function optionTexts(context: Context, text: TableText, hints: readonly Option[]): OptionText[] {
  const written = [...text.options, ...hints].map(
    ({ key, value }): OptionText => ({
      key: key.value,
      value: value.value,
      keySpan: key.span,
      valueSpan: value.span,
    }),
  );
  for (const [key, value] of context.settings.ofTable(text.name.name)) {
    written.push({ key, value, keySpan: text.name.span, valueSpan: text.name.span });
  }
  return written;
}

/** A computed column's expression over the physical and metadata columns, as indexes into `columns`. */
export function analyzeComputed(
  context: Context,
  columns: readonly DefinedColumn[],
  node: Extract<ColumnDefinition, { kind: 'computed' }>,
) {
  const fields = columns.map((column) => ({
    // Computed columns do not see each other.
    name: column.node.kind === 'computed' ? '' : column.name,
    type: column.type,
  }));
  const table = { name: undefined, fields, offset: 0, open: false };
  return analyzeExpression(context, { tables: [table] }, node.expression);
}

function reportUnknownMetadata(
  context: Context,
  node: Extract<ColumnDefinition, { kind: 'metadata' }>,
  key: string,
  connector: string,
  known: readonly string[],
): void {
  const at = node.from?.span ?? node.name.span;
  const help = known.length === 0 ? 'it has none' : `it has: ${known.join(', ')}`;
  const extra = didYouMean(key, known, at, help);
  const fix =
    extra.fix && node.from === undefined
      ? {}
      : extra.fix && { fix: { span: at, text: `'${unquote(extra.fix.text)}'` } };
  const { fix: _, ...rest } = extra;
  mistake(context, 'unknown-metadata', `connector '${connector}' has no metadata '${key}'`, at, { ...rest, ...fix });
}

function unquote(name: string): string {
  return name.replaceAll('`', '');
}

function checkPrimaryKey(
  context: Context,
  text: TableText,
  columns: readonly DefinedColumn[],
  failed: () => void,
): number[] | undefined {
  const { primaryKey } = text;
  if (primaryKey === undefined) return undefined;
  if (primaryKey.enforced) {
    mistake(context, 'invalid-key', 'a primary key is not enforced by Flink', primaryKey.span, {
      help: 'write PRIMARY KEY (…) NOT ENFORCED',
    });
  }
  const indexes: number[] = [];
  for (const name of primaryKey.columns) {
    const column = columns.find((c) => c.name === name.name);
    if (column === undefined) {
      failed();
      const known = columns.map((c) => c.name);
      const extra = didYouMean(name.name, known, name.span, columnsHelp(known));
      mistake(context, 'invalid-key', `the primary key names '${name.name}', which is no column`, name.span, extra);
    } else if (column.node.kind !== 'physical') {
      failed();
      const message = `'${name.name}' is a ${column.node.kind} column: a primary key takes physical ones`;
      mistake(context, 'invalid-key', message, name.span);
    } else if (column.shapeIndex !== undefined) {
      if (indexes.includes(column.shapeIndex)) {
        mistake(context, 'invalid-key', `the primary key names '${name.name}' twice`, name.span);
      } else indexes.push(column.shapeIndex);
    }
  }
  return indexes.length === primaryKey.columns.length ? indexes : undefined;
}

function checkPartitions(context: Context, text: TableText, columns: readonly DefinedColumn[]): void {
  for (const name of text.partitionedBy) {
    if (columns.some((column) => column.name === name.name)) continue;
    const extra = didYouMean(
      name.name,
      columns.map((column) => column.name),
      name.span,
    );
    mistake(context, 'unknown-column', `PARTITIONED BY names '${name.name}', which is no column`, name.span, extra);
  }
}

function checkWatermarks(context: Context, text: TableText, columns: readonly DefinedColumn[]): void {
  for (const watermark of text.watermarks) {
    const name = watermark.column[0]!;
    const column = columns.find((c) => c.name === name.name);
    if (column === undefined) {
      const extra = didYouMean(
        name.name,
        columns.map((c) => c.name),
        name.span,
      );
      mistake(context, 'unknown-column', `WATERMARK names '${name.name}', which is no column`, name.span, extra);
      continue;
    }
    const fields = columns.map(({ name: field, type }) => ({ name: field, type }));
    const scope = { tables: [{ name: undefined, fields, offset: 0, open: false }] };
    if (watermark.column.length > 1) {
      mistake(context, 'unknown-column', 'WATERMARK takes a column of the table, not a field of one', name.span);
      continue;
    }
    const expr = isSourceWatermark(watermark) ? undefined : analyzeExpression(context, scope, watermark.expression);
    const { type } = column;
    if (type !== undefined && !isRowtime(type)) {
      const message = `a watermark takes TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p ≤ 3, '${name.name}' is ${typeText(type)}`;
      mistake(context, 'type-mismatch', message, name.span, { help: rowtimeHelp(name.name, type) });
    } else if (isProctime(column.node)) {
      const message = `a watermark takes no processing time, '${name.name}' is PROCTIME()`;
      const help = 'leave the WATERMARK out: windows and joins take the column as it is';
      mistake(context, 'type-mismatch', message, name.span, { help });
    } else if (type !== undefined && expr !== undefined && expr.type.kind !== type.kind) {
      const message = `the watermark of '${name.name}' must be ${type.kind}, found ${typeText(expr.type)}`;
      const help = `write such as WATERMARK FOR ${name.name} AS ${name.name} - INTERVAL '5' SECOND`;
      mistake(context, 'type-mismatch', message, watermark.expression.span, { help });
    }
  }
}

/** `SOURCE_WATERMARK()`: the connector's own. */
function isSourceWatermark({ expression }: Watermark): boolean {
  return expression.kind === 'call' && expression.name.parts.at(-1)!.name.toUpperCase() === 'SOURCE_WATERMARK';
}

/** How to make a rowtime of a column. */
function rowtimeHelp(name: string, t: DataType): string {
  const from = isTimestamp(t)
    ? `CAST(${name} AS ${t.kind}(3))`
    : isNumeric(t)
      ? `TO_TIMESTAMP_LTZ(${name}, 3)`
      : `TO_TIMESTAMP(${name})`;
  return `declare a column for it: event_time AS ${from}, WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND`;
}

/** `PROCTIME()`. */
export function isProctime(node: ColumnDefinition): boolean {
  return (
    node.kind === 'computed' &&
    node.expression.kind === 'call' &&
    node.expression.name.parts.at(-1)!.name.toUpperCase() === 'PROCTIME'
  );
}

function isRowtime(t: DataType): boolean {
  return (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') && t.precision <= 3;
}
