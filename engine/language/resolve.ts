import type { Identifier, Name, Statement } from '../syntax/ast.ts';
import type { Columns, Named, Occurrence } from './names.ts';
import { Resolver } from './resolve-query.ts';

/** Every place of the statements where a table, view, alias or column is written, with what it names. */
export function resolveNames(statements: readonly Statement[]): readonly Occurrence[] {
  const occurrences: Occurrence[] = [];
  const tables = new Map<string, { readonly table: Named; readonly columns: Columns }>();
  const resolver = new Resolver(occurrences, (name) => tables.get(name.parts.at(-1)!.name));
  const define = (name: Name, kind: 'table' | 'view', statement: Statement, columns: Columns) => {
    const written = name.parts.at(-1)!;
    const known = tables.get(written.name)?.table;
    const ifNotExists = 'ifNotExists' in statement && statement.ifNotExists;
    const table: Named =
      known !== undefined && ifNotExists
        ? known
        : { kind, name: written.name, span: written.span, whole: statement.span };
    occurrences.push({ span: written.span, named: table });
    tables.set(written.name, { table, columns });
  };
  const resolve = (statement: Statement): void => {
    switch (statement.kind) {
      case 'create-table': {
        const list: Named[] = [];
        for (const column of statement.columns) list.push(resolver.define('column', column.name, column.span));
        const written: Columns = { list, open: false };
        for (const column of statement.columns) {
          if (column.kind === 'computed') resolver.expression(column.expression, resolver.row(written));
        }
        const inherited = statement.like === undefined ? undefined : resolver.table(statement.like.source);
        const query = statement.as === undefined ? undefined : resolver.query(statement.as, undefined, true);
        const more = [inherited ?? [], query ?? []].flat();
        const columns: Columns = {
          list: [
            ...list,
            ...more.flatMap((c) => c.list.filter((each) => !list.some(({ name }) => name === each.name))),
          ],
          open: more.some((c) => c.open),
        };
        for (const { column, expression } of statement.watermarks) {
          resolver.columnNames(column.slice(0, 1), columns);
          resolver.expression(expression, resolver.row(columns));
        }
        const keys: readonly Identifier[] =
          statement.primaryKey === undefined || statement.primaryKey.ofColumn ? [] : statement.primaryKey.columns;
        resolver.columnNames(
          [...keys, ...statement.partitionedBy, ...(statement.distributedBy?.columns ?? [])],
          columns,
        );
        define(statement.name, 'table', statement, columns);
        return;
      }
      case 'create-view': {
        const columns = resolver.query(statement.query, undefined, true);
        define(statement.name, 'view', statement, resolver.renamed(columns, statement.columns));
        return;
      }
      case 'insert': {
        const columns = resolver.table(statement.target);
        resolver.columnNames(
          [...(statement.columns ?? []), ...statement.partition.map(({ column }) => column)],
          columns,
        );
        resolver.query(statement.query, undefined, false);
        return;
      }
      case 'statement-set':
        for (const insert of statement.inserts) resolve(insert);
        return;
      case 'explain':
        resolve(statement.statement);
        return;
      case 'select-statement':
        resolver.query(statement.query, undefined, false);
        return;
      case 'describe':
        if (statement.object === 'TABLE') resolver.table(statement.name);
        return;
      case 'drop':
      case 'alter':
        if (statement.object === 'TABLE' || statement.object === 'VIEW') resolver.table(statement.name);
        if (statement.kind === 'drop') tables.delete(statement.name.parts.at(-1)!.name);
        return;
      case 'show':
        if (statement.name !== undefined && /^(CREATE|COLUMNS)/.test(statement.what)) resolver.table(statement.name);
        return;
      default:
        return;
    }
  };
  for (const statement of statements) resolve(statement);
  return occurrences;
}
