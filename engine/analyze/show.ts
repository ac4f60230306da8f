import type { Describe, Show } from '../syntax/ast.ts';
import { typeText } from '../types/data-type.ts';
import type { CatalogTable } from './catalog.ts';
import { type Context, quoteName, unsupported } from './context.ts';
import { reportUnknownTable } from './from.ts';
import type { RelationField } from './relation.ts';

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
      const objects = catalog.list(parts.length > 1 ? parts[0]! : catalog.catalog, database);
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
  const rows = defined.map((each) => {
    const inKey = each.shapeIndex !== undefined && shape.primaryKey?.includes(each.shapeIndex);
    const watermark = text.watermarks.find((w) => w.column.length === 1 && w.column[0]!.name === each.name);
    const expression = watermark === undefined ? null : '…';
    return [...nameAndType(each), inKey ? `PRI(${key})` : null, extrasOf(each.node), expression];
  });
  return { columns, rows };
}

function nameAndType({ name, type }: Pick<RelationField, 'name' | 'type'>): [string, string, string] {
  if (type === undefined) return [name, '?', 'TRUE'];
  return [name, typeText(type, false), type.nullable ? 'TRUE' : 'FALSE'];
}

function extrasOf(node: CatalogTable['definition']['columns'][number]['node']): string | null {
  switch (node.kind) {
    case 'physical':
      return null;
    case 'computed':
      return 'AS …';
    case 'metadata':
      return `METADATA${node.from === undefined ? '' : ` FROM '${node.from.value}'`}${node.virtual ? ' VIRTUAL' : ''}`;
  }
}

function showCreateTable(context: Context, node: Show): Listing | undefined {
  const object = node.name && context.catalog.find(node.name);
  if (node.name !== undefined && object === undefined) reportUnknownTable(context, node.name, 'table');
  if (object?.kind !== 'table') return undefined;
  const { columns, bound, shape } = object.definition;
  const lines = columns.flatMap(({ name, type, node: written }) => {
    if (written.kind === 'computed' || type === undefined) return [];
    return [`  ${quoteName(name)} ${typeText(type)}${written.kind === 'metadata' ? ` ${extrasOf(written)}` : ''}`];
  });
  if (shape.primaryKey !== undefined) {
    const key = shape.primaryKey.map((i) => quoteName(shape.columns[i]!.name)).join(', ');
    lines.push(`  PRIMARY KEY (${key}) NOT ENFORCED`);
  }
  const options = new Map([['connector', bound?.connector ?? '?'], ...(bound?.options ?? [])]);
  const written = [...options].map(([key, value]) => `  '${key}' = '${value.replaceAll("'", "''")}'`);
  const path = object.path.map(quoteName).join('.');
  const temporary = object.temporary ? 'TEMPORARY ' : '';
  return column('result', [
    `CREATE ${temporary}TABLE ${path} (\n${lines.join(',\n')}\n) WITH (\n${written.join(',\n')}\n)`,
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
