import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { type Expr, replaceColumns } from '../plan/expr.ts';
import type { Identifier, Reference } from '../syntax/ast.ts';
import { withNullable } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { missingComma, type RelationField, type Swallowed } from './relation.ts';

/** A table of FROM: its names, and where its columns begin in the row. */
export interface ScopeTable {
  /** Alias, or the table's name; absent for what has none. */
  readonly name: string | undefined;
  /** Catalog, database, table; absent under an alias. */
  readonly path?: readonly string[];
  readonly fields: readonly RelationField[];
  readonly offset: number;
  readonly open: boolean;
  readonly swallowed?: readonly Swallowed[];
}

/** What names mean at a place. `outer`: the query around a subquery. */
export interface Scope {
  readonly tables: readonly ScopeTable[];
  readonly merged?: readonly MergedColumn[];
  readonly outer?: Scope;
}

/** How many queries are around. */
export function depthOf({ outer }: Scope): number {
  return outer === undefined ? 0 : 1 + depthOf(outer);
}

/** The scope with its columns behind `width` others. */
export function shiftScope(scope: Scope, width: number): Scope {
  const tables = scope.tables.map((table) => ({ ...table, offset: table.offset + width }));
  const { merged } = scope;
  if (merged === undefined) return { ...scope, tables };
  const shifted = merged.map((each) => ({
    ...each,
    value: replaceColumns(each.value, (column) => ({ ...column, index: column.index + width })),
    covers: each.covers.map((index) => index + width),
  }));
  return { ...scope, tables, merged: shifted };
}

/** The scope of what FROM gives. */
export function scopeOf(from: Pick<Scope, 'tables' | 'merged'>, outer: Scope | undefined): Scope {
  const { tables, merged } = from;
  return { tables, ...(merged === undefined ? {} : { merged }), ...(outer === undefined ? {} : { outer }) };
}

/** A column that both sides of USING or NATURAL have: without a table before it, it is this value. */
export interface MergedColumn {
  readonly name: string;
  readonly value: Expr;
  /** The columns of the sides that it stands for. */
  readonly covers: readonly number[];
}

export const emptyScope: Scope = { tables: [] };

/** All columns of a scope in order. */
export function fieldsOf(scope: Scope): RelationField[] {
  return scope.tables.flatMap((table) => [...table.fields]);
}

interface Found {
  readonly table: ScopeTable;
  readonly index: number;
  /** How many parts of the reference name the column; the rest are nested fields. */
  readonly used: number;
}

/** The column or nested field that a reference names; undefined after a report, or where its type is not known. */
export function resolveReference(context: Context, scope: Scope, reference: Reference): Expr | undefined {
  const { parts } = reference;
  const merged = scope.merged?.find(({ name }) => name === parts[0]!.name);
  if (merged !== undefined && findTable(scope, parts.slice(0, 1)) === undefined) {
    return resolveFields(context, { ...merged.value, span: parts[0]!.span }, parts.slice(1));
  }
  const found = find(context, scope, parts);
  if (found === 'reported' || found === 'unknown') return undefined;
  if (found === undefined) {
    if (scope.outer !== undefined && isKnown(context, scope.outer, parts)) {
      const around = resolveReference(context, scope.outer, reference);
      const depth = depthOf(scope.outer);
      return around && replaceColumns(around, (each) => ({ ...each, kind: 'outer', depth }));
    }
    const name = parts.length === 1 && !parts[0]!.quoted ? parts[0]!.name.toUpperCase() : '';
    // The only function of Flink that is called without brackets and is no reserved word.
    if (name === 'PI') return applyFunction(context, name, [], reference.span);
    return reportUnknown(context, scope, parts);
  }
  const field = found.table.fields[found.index]!;
  if (field.type === undefined) return undefined;
  const name = parts[found.used - 1]!;
  const span = found.used === parts.length ? reference.span : { start: reference.span.start, end: name.span.end };
  const index = found.table.offset + found.index;
  const expr: Expr = { kind: 'column', index, name: field.name, type: field.type, span };
  return resolveFields(context, expr, parts.slice(found.used));
}

/** Whether a reference names something in a scope or around it. */
function isKnown(context: Context, scope: Scope, parts: readonly Identifier[]): boolean {
  if (scope.merged?.some(({ name }) => name === parts[0]!.name) === true) return true;
  if (find({ ...context, report: new Diagnostics() }, scope, parts) !== undefined) return true;
  return scope.outer !== undefined && isKnown(context, scope.outer, parts);
}

function resolveFields(context: Context, expr: Expr, parts: readonly Identifier[]): Expr | undefined {
  let inner = expr;
  for (const part of parts) {
    const nested = resolveField(context, inner, part);
    if (nested === undefined) return undefined;
    inner = nested;
  }
  return inner;
}

/** `operand.name` of a ROW. */
export function resolveField(context: Context, input: Expr, name: Identifier): Expr | undefined {
  const { type } = input;
  if (type.kind !== 'ROW') {
    return mistake(
      context,
      'unknown-column',
      `only a ROW has fields, found ${type.kind} before '.${name.name}'`,
      name.span,
    );
  }
  const index = type.fields.findIndex((field) => field.name === name.name);
  if (index < 0) {
    const names = type.fields.map((field) => field.name);
    const extra = didYouMean(name.name, names, name.span, `its fields: ${names.join(', ')}`);
    return mistake(context, 'unknown-column', `the row has no field '${name.name}'`, name.span, extra);
  }
  const field = type.fields[index]!;
  const span = input.span === undefined ? name.span : { start: input.span.start, end: name.span.end };
  return { kind: 'field', input, index, type: withNullable(field.type, field.type.nullable || type.nullable), span };
}

/** The tables that `name.*` may mean: one, or none. */
export function findTable(scope: Scope, parts: readonly Identifier[]): ScopeTable | undefined {
  return scope.tables.find((table) => isNamed(table, parts));
}

function isNamed(table: ScopeTable, parts: readonly Identifier[]): boolean {
  if (parts.length === 1 && table.name === parts[0]!.name) return true;
  const path = table.path?.slice(-parts.length);
  return path !== undefined && path.length === parts.length && path.every((name, i) => name === parts[i]!.name);
}

function find(
  context: Context,
  scope: Scope,
  parts: readonly Identifier[],
): Found | 'reported' | 'unknown' | undefined {
  for (let used = Math.min(3, parts.length - 1); used > 0; used--) {
    const table = findTable(scope, parts.slice(0, used));
    if (table === undefined) continue;
    const index = table.fields.findIndex((field) => field.name === parts[used]!.name);
    if (index >= 0) return { table, index, used: used + 1 };
    if (table.open || mayMean(table, parts[used]!.name)) return 'unknown';
    // A column of the same name as the table may hold the field.
    if (columnsNamed(scope, parts[0]!.name).length > 0) continue;
    const names = table.fields.map((field) => field.name);
    const name = parts[used]!;
    if (reportSwallowed(context, [table], name.name)) return 'reported';
    const extra = didYouMean(name.name, names, name.span, columnsHelp(names));
    mistake(context, 'unknown-column', `table '${table.name}' has no column '${name.name}'`, name.span, extra);
    return 'reported';
  }
  const name = parts[0]!;
  const columns = columnsNamed(scope, name.name);
  if (columns.length > 1) {
    const owners = columns.map(({ table }) => table.name).filter((owner) => owner !== undefined);
    const several = new Set(columns.map(({ table }) => table)).size > 1;
    const message = several
      ? `column '${name.name}' is ambiguous: it is in more than one table`
      : `column '${name.name}' is ambiguous: the table has it more than once`;
    const help =
      owners.length > 1 && several ? `write ${owners.map((o) => `'${o}.${name.name}'`).join(' or ')}` : undefined;
    mistake(context, 'ambiguous-column', message, name.span, help === undefined ? {} : { help });
    return 'reported';
  }
  if (columns[0] !== undefined) return { ...columns[0], used: 1 };
  return scope.tables.some((table) => table.open || mayMean(table, name.name)) ? 'unknown' : undefined;
}

/** Whether a name may be the right spelling of a column of a query that was reported there as unknown. */
function mayMean({ fields }: ScopeTable, name: string): boolean {
  const mistaken = fields.flatMap((field) => (field.type === undefined ? [field.name] : []));
  return mistaken.some((each) => each.startsWith('EXPR$')) || suggest(name, mistaken) !== undefined;
}

function columnsNamed(scope: Scope, name: string): { table: ScopeTable; index: number }[] {
  return scope.tables.flatMap((table) =>
    table.fields.flatMap((field, index) => (field.name === name ? [{ table, index }] : [])),
  );
}

function reportUnknown(context: Context, scope: Scope, parts: readonly Identifier[]): undefined {
  const name = parts[0]!;
  const columns = fieldsOf(scope).map((field) => field.name);
  if (parts.length > 1) {
    const tables = scope.tables.flatMap((table) => (table.name === undefined ? [] : [table.name]));
    const rows = fieldsOf(scope).flatMap(({ name: column, type }) => (type?.kind === 'ROW' ? [column] : []));
    const extra = didYouMean(name.name, [...tables, ...rows], name.span, tablesHelp(tables));
    return mistake(context, 'unknown-table', `no table or column '${name.name}' here`, name.span, extra);
  }
  if (reportSwallowed(context, scope.tables, name.name)) return undefined;
  const alias = context.aliases?.get(name.name);
  const extra =
    alias === undefined ? didYouMean(name.name, columns, name.span, columnsHelp(columns)) : { help: aliasHelp(alias) };
  return mistake(context, 'unknown-column', `no column '${name.name}' here`, name.span, extra);
}

/** An item of SELECT has its name only for a query around. */
function aliasHelp(item: string): string {
  const known = `SELECT calls ${item.length > 60 ? 'an expression' : item} so for a query around`;
  return item.endsWith('OVER (…)') ? `${known}: ask there` : `${known}: ask there, or write the expression here`;
}

/** Reports a column that a query gives another column's name: often a comma is missing there. */
function reportSwallowed(context: Context, tables: readonly ScopeTable[], name: string): boolean {
  const found = tables.flatMap(({ swallowed = [] }) => swallowed).find((each) => each.name === name);
  if (found === undefined) return false;
  const { span, ...extra } = missingComma(found);
  mistake(context, 'unknown-column', `no column '${name}' here: the query names it '${found.as}'`, span, extra);
  return true;
}

/** The columns that may be meant, a few at most. */
export function columnsHelp(names: readonly string[]): string {
  if (names.length === 0) return "there is no FROM: text stands in single quotes ('…')";
  // What is declared below has no name yet.
  const known = names.filter((name) => name !== '').map((name) => `'${name}'`);
  return `columns here: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`;
}

function tablesHelp(names: readonly string[]): string {
  return names.length === 0 ? 'there is no FROM' : `tables here: ${names.map((name) => `'${name}'`).join(', ')}`;
}
