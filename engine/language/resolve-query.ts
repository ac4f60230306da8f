import { groupedExpressions } from '../analyze/grouping-sets.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type {
  Alias,
  Expression,
  Identifier,
  Name,
  Query,
  QueryBody,
  Reference,
  Select,
  TableExpression,
} from '../syntax/ast.ts';
import { childrenOf } from './children.ts';
import { type Columns, type Named, type Occurrence, unknownColumns } from './names.ts';

interface Row {
  readonly tables: readonly { readonly named: Named | undefined; readonly columns: Columns }[];
  readonly outer?: Row | undefined;
}

type Known = ReadonlyMap<string, { readonly table: Named; readonly columns: Columns }>;

/** Follows names through queries; tells `occurrences` of each that it finds. */
export class Resolver {
  readonly #occurrences: Occurrence[];
  readonly #find: (name: Name) => { readonly table: Named; readonly columns: Columns } | undefined;
  #common: Known = new Map();

  constructor(
    occurrences: Occurrence[],
    find: (name: Name) => { readonly table: Named; readonly columns: Columns } | undefined,
  ) {
    this.#occurrences = occurrences;
    this.#find = find;
  }

  define(kind: Named['kind'], { name, span }: Identifier, whole: Span, table?: Named): Named {
    const named: Named = { kind, name, span, whole, ...(table === undefined ? {} : { table }) };
    this.#occurrences.push({ span, named });
    return named;
  }

  row(columns: Columns): Row {
    return { tables: [{ named: undefined, columns }] };
  }

  /** A table by name: told, and its columns. */
  table(name: Name): Columns {
    return this.#lookUp(name)?.columns ?? unknownColumns;
  }

  columnNames(names: readonly Identifier[], { list }: Columns): void {
    for (const { name, span } of names) {
      const named = list.find((column) => column.name === name);
      if (named !== undefined) this.#occurrences.push({ span, named });
    }
  }

  /** The columns under the names of a list, as in `v (a, b)`. */
  renamed(columns: Columns, names: readonly Identifier[]): Columns {
    if (names.length === 0) return columns;
    return { list: names.map((name) => this.define('column', name, name.span)), open: false };
  }

  /** `exported`: others know the columns of the result by their names. */
  query(query: Query, outer: Row | undefined, exported: boolean): Columns {
    const before = this.#common;
    for (const { name, columns, query: each, span } of query.with) {
      const found = this.renamed(this.query(each, outer, columns.length === 0), columns);
      this.#common = new Map(this.#common).set(name.name, {
        table: this.define('common table', name, span),
        columns: found,
      });
    }
    const { columns, row } = this.#body(query.body, outer, exported);
    for (const { expression } of query.orderBy) {
      this.expression(expression, { tables: [{ named: undefined, columns }], outer: row });
    }
    this.#common = before;
    return columns;
  }

  expression(node: Expression, row: Row | undefined): void {
    if (node.kind === 'reference') this.#reference(node, row);
    else {
      for (const child of childrenOf(node)) {
        if (child.kind === 'query') this.query(child, row, false);
        else if (child.kind === 'name') this.table(child);
        else this.expression(child, row);
      }
    }
  }

  #lookUp(name: Name): { readonly table: Named; readonly columns: Columns } | undefined {
    const last = name.parts.at(-1)!;
    const found = (name.parts.length === 1 ? this.#common.get(last.name) : undefined) ?? this.#find(name);
    if (found !== undefined) this.#occurrences.push({ span: last.span, named: found.table });
    return found;
  }

  #body(body: QueryBody, outer: Row | undefined, exported: boolean): { columns: Columns; row: Row | undefined } {
    switch (body.kind) {
      case 'select':
        return this.#select(body, outer, exported);
      case 'query':
        return { columns: this.query(body, outer, exported), row: outer };
      case 'values':
        for (const row of body.rows) for (const value of row) this.expression(value, outer);
        return { columns: { list: [], open: true }, row: outer };
      case 'set-operation': {
        const { columns } = this.#body(body.left, outer, exported);
        this.#body(body.right, outer, false);
        return { columns, row: undefined };
      }
    }
  }

  #select(node: Select, outer: Row | undefined, exported: boolean): { columns: Columns; row: Row } {
    const tables = node.from === undefined ? [] : this.#from(node.from, outer);
    const row: Row = { tables, outer };
    const list: Named[] = [];
    let open = false;
    for (const { expression, alias, span } of node.items) {
      if (expression.kind === 'reference' && expression.star) {
        const starred = this.#starred(expression, row);
        list.push(...starred.list);
        open ||= starred.open;
        continue;
      }
      const bare = alias === undefined && expression.kind === 'reference' ? expression.parts.at(-1) : undefined;
      this.#occurring(expression, row, exported && bare !== undefined);
      if (alias !== undefined) list.push(this.define('column', alias, span));
      else if (bare !== undefined)
        list.push({ kind: 'column', name: bare.name, span: bare.span, whole: span, implied: true });
      else open = true;
    }
    const columns: Columns = { list, open };
    const inside: Row = { tables: [{ named: undefined, columns }], outer: row };
    for (const each of [node.where, node.having, node.qualify]) if (each !== undefined) this.expression(each, row);
    for (const each of groupedExpressions(node.groupBy ?? [])) this.expression(each, row);
    for (const { window } of node.windows) {
      for (const each of [...window.partitionBy, ...window.orderBy.map(({ expression }) => expression)])
        this.expression(each, row);
    }
    return { columns, row: inside };
  }

  #occurring(expression: Expression, row: Row, keeps: boolean): void {
    if (keeps && expression.kind === 'reference') this.#reference(expression, row, true);
    else this.expression(expression, row);
  }

  #starred({ parts }: Reference, row: Row): Columns {
    const chosen =
      parts.length === 0 ? row.tables : row.tables.filter(({ named }) => named?.name === parts.at(-1)!.name);
    for (const { named } of parts.length === 0 ? [] : chosen) {
      if (named !== undefined) this.#occurrences.push({ span: parts.at(-1)!.span, named });
    }
    return {
      list: chosen.flatMap(({ columns }) => columns.list),
      open: chosen.length === 0 || chosen.some(({ columns }) => columns.open),
    };
  }

  #from(node: TableExpression, outer: Row | undefined): Row['tables'] {
    switch (node.kind) {
      case 'table': {
        const found = this.#lookUp(node.name);
        for (const each of node.systemTime === undefined ? [] : [node.systemTime]) this.expression(each, outer);
        return [this.#aliased(node.alias, found?.columns ?? unknownColumns, found?.table)];
      }
      case 'derived':
        return [this.#aliased(node.alias, this.query(node.query, outer, (node.alias?.columns.length ?? 0) === 0))];
      case 'function-table':
        this.expression(node.call, outer);
        return [this.#aliased(node.alias, unknownColumns)];
      case 'unnest':
        for (const each of node.expressions) this.expression(each, outer);
        return [this.#aliased(node.alias, unknownColumns)];
      case 'join': {
        const left = this.#from(node.left, outer);
        const right = this.#from(node.right, { tables: left, outer });
        const tables = [...left, ...right];
        if (node.on !== undefined) this.expression(node.on, { tables, outer });
        return tables;
      }
    }
  }

  #aliased(alias: Alias | undefined, columns: Columns, table?: Named): Row['tables'][number] {
    if (alias === undefined) return { named: table, columns };
    const named = this.define('alias', alias.name, alias.name.span, table);
    return { named, columns: this.renamed(columns, alias.columns) };
  }

  #reference({ parts }: Reference, row: Row | undefined, keeps = false): void {
    for (let each = row; each !== undefined; each = each.outer) {
      const first = parts[0]!;
      // The longest qualifier that is a table of this row: `t`, `db.t` or `cat.db.t`.
      for (let used = Math.min(3, parts.length - 1); used > 0; used--) {
        const table = each.tables.find(({ named }) => named?.name === parts[used - 1]!.name);
        if (table === undefined) continue;
        this.#occurrences.push({ span: parts[used - 1]!.span, named: table.named! });
        this.#tell(parts[used]!, table.columns, keeps && parts.length === used + 1);
        return;
      }
      const owner = each.tables.find(({ columns }) => columns.list.some(({ name }) => name === first.name));
      if (owner !== undefined) {
        this.#tell(first, owner.columns, keeps && parts.length === 1);
        return;
      }
      if (each.tables.some(({ columns }) => columns.open)) return;
    }
  }

  #tell({ name, span }: Identifier, { list }: Columns, keeps: boolean): void {
    const named = list.find((column) => column.name === name);
    if (named !== undefined) this.#occurrences.push({ span, named, ...(keeps ? { keeps } : {}) });
  }
}
