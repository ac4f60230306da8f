import type { ColumnDefinition, Describe, Show } from '../syntax/ast.ts';
import { printExpression } from '../syntax/print-expression.ts';
import { printString } from '../syntax/print-name.ts';
import { typeText } from '../types/data-type.ts';
import { type Context, didYouMean, mistake, quoteName, unsupported } from './context.ts';
import { reportUnknownTable } from './from.ts';
import type { RelationField } from './relation.ts';
import { isProctime } from './table-definition.ts';

/** A table of texts; null for NULL. */
export interface Listing {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** SHOW TABLES, VIEWS, COLUMNS, CREATE TABLE, DATABASES, CATALOGS, FUNCTIONS, CURRENT …; undefined after a report. */
export function show(context: Context, node: Show): Listing | undefined {
  const { catalog } = context;
  const only = filter(node);
  switch (node.what) {
    case 'TABLES':
    case 'TABLES FROM':
    case 'TABLES IN': {
      const parts = node.name?.parts.map((part) => part.name) ?? [];
      const database = parts.at(-1) ?? catalog.database;
      const home = parts.length > 1 ? parts[0]! : catalog.catalog;
      if (!catalog.hasDatabase(home, database)) {
        const extra = didYouMean(database, catalog.databasesOf(home), node.name!.span);
        return mistake(context, 'unknown-table', `unknown database '${home}.${database}'`, node.name!.span, extra);
      }
      const objects = catalog.list(home, database);
      return column('table name', objects.map(({ path }) => path[2]!).filter(only));
    }
    case 'VIEWS':
      return column(
        'view name',
        catalog
          .list()
          .flatMap((o) => (o.kind === 'view' ? [o.path[2]!] : []))
          .filter(only),
      );
    case 'DATABASES':
      return column('database name', catalog.databasesOf(catalog.catalog).filter(only));
    case 'CATALOGS':
      return column('catalog name', catalog.catalogs.filter(only));
    case 'CURRENT CATALOG':
      return column('current catalog name', [catalog.catalog]);
    case 'CURRENT DATABASE':
      return column('current database name', [catalog.database]);
    case 'FUNCTIONS':
    case 'USER FUNCTIONS': {
      const callable = [...context.functions]
        .filter(([, f]) => f.callable !== false)
        .map(([name]) => name.toLowerCase());
      return column('function name', node.what === 'FUNCTIONS' ? [...new Set(callable)].sort().filter(only) : []);
    }
    case 'MODULES':
      return column('module name', ['core']);
    case 'JOBS':
    case 'JARS':
      return column(node.what === 'JOBS' ? 'job id' : 'jars', []);
    case 'COLUMNS FROM':
    case 'COLUMNS IN': {
      const table = node.name && describeTable(context, node.name);
      return table && { ...table, rows: table.rows.filter((row) => only(row[0]!)) };
    }
    case 'CREATE TABLE':
      return showCreateTable(context, node);
    default:
      return unsupported(context, `SHOW ${node.what} is`, node.span);
  }
}

export function describe(context: Context, node: Describe): Listing | undefined {
  if (node.object !== 'TABLE') return unsupported(context, `DESCRIBE ${node.object} is`, node.span);
  return describeTable(context, node.name);
}

function describeTable(context: Context, name: Describe['name']): Listing | undefined {
  const object = context.catalog.find(name);
  if (object === undefined) {
    reportUnknownTable(context, name, 'table or view');
    return undefined;
  }
  const columns = ['name', 'type', 'null', 'key', 'extras', 'watermark'];
  if (object.kind === 'view') {
    return { columns, rows: object.relation.fields.map((field) => [...nameAndType(field), null, null, null]) };
  }
  const { text, columns: defined, shape } = object.definition;
  const key = shape.primaryKey?.map((i) => quoteName(shape.columns[i]!.name)).join(', ');
  const commented = defined.some(({ node }) => node.comment !== undefined);
  const rows = defined.map((each) => {
    const inKey = each.shapeIndex !== undefined && shape.primaryKey?.includes(each.shapeIndex);
    const watermark = text.watermarks.find((w) => w.column.length === 1 && w.column[0]!.name === each.name);
    const [field, type, nullable] = nameAndType(each);
    const kind = watermark !== undefined ? ' *ROWTIME*' : isProctime(each.node) ? ' *PROCTIME*' : '';
    const row = [field, type + kind, nullable, inKey ? `PRI(${key})` : null, extrasOf(each.node)];
    const rest = [watermark === undefined ? null : printExpression(watermark.expression)];
    return [...row, ...rest, ...(commented ? [each.node.comment?.value ?? null] : [])];
  });
  return { columns: commented ? [...columns, 'comment'] : columns, rows };
}

function nameAndType({ name, type }: Pick<RelationField, 'name' | 'type'>): [string, string, string] {
  if (type === undefined) return [name, '?', 'TRUE'];
  return [name, typeText(type, false), type.nullable ? 'TRUE' : 'FALSE'];
}

function extrasOf(node: ColumnDefinition): string | null {
  switch (node.kind) {
    case 'physical':
      return null;
    case 'computed':
      return `AS ${printExpression(node.expression)}`;
    case 'metadata':
      return `METADATA${node.from === undefined ? '' : ` FROM ${printString(node.from)}`}${node.virtual ? ' VIRTUAL' : ''}`;
  }
}

/** A statement that creates the table again; secrets are ***. */
function showCreateTable(context: Context, node: Show): Listing | undefined {
  const object = node.name && context.catalog.find(node.name);
  if (node.name !== undefined && object === undefined) reportUnknownTable(context, node.name, 'table');
  if (object?.kind !== 'table') return undefined;
  const { columns, bound, shape, text } = object.definition;
  const lines = columns.flatMap(({ name, type, node: written }) => {
    const comment = written.comment === undefined ? '' : ` COMMENT ${printString(written.comment)}`;
    const extras = extrasOf(written);
    if (written.kind === 'computed') return [`  ${quoteName(name)} ${extras}${comment}`];
    if (type === undefined) return [];
    return [`  ${quoteName(name)} ${typeText(type)}${extras === null ? '' : ` ${extras}`}${comment}`];
  });
  for (const { column: path, expression } of text.watermarks) {
    const name = path.map((part) => quoteName(part.name)).join('.');
    lines.push(`  WATERMARK FOR ${name} AS ${printExpression(expression)}`);
  }
  if (shape.primaryKey !== undefined) {
    const key = shape.primaryKey.map((i) => quoteName(shape.columns[i]!.name)).join(', ');
    lines.push(`  PRIMARY KEY (${key}) NOT ENFORCED`);
  }
  const options = new Map([['connector', bound?.connector ?? '?'], ...(bound?.options ?? [])]);
  const written = [...options].map(([key, value]) => `  ${printString({ value: key })} = ${printString({ value })}`);
  const partitions = text.partitionedBy.map((name) => quoteName(name.name)).join(', ');
  return column('result', [
    [
      `CREATE ${object.temporary ? 'TEMPORARY ' : ''}TABLE ${object.path.map(quoteName).join('.')} (`,
      lines.join(',\n'),
      ')',
      ...(text.comment === undefined ? [] : [`COMMENT ${printString({ value: text.comment })}`]),
      ...(partitions === '' ? [] : [`PARTITIONED BY (${partitions})`]),
      `WITH (\n${written.join(',\n')}\n)`,
    ].join('\n'),
  ]);
}

function column(name: string, values: readonly string[]): Listing {
  return { columns: [name], rows: values.map((value) => [value]) };
}

/** LIKE 'a%'. */
function filter({ like, negated }: Show): (name: string) => boolean {
  if (like === undefined) return () => true;
  const pattern = like.value
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  const test = new RegExp(`^${pattern}$`, 's');
  return (name) => test.test(name) !== (negated === true);
}
