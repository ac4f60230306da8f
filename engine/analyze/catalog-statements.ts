import type { CreateDatabase, Drop, Use } from '../syntax/ast.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';

export function createDatabase(context: Context, node: CreateDatabase): void {
  const [catalog, name] = databasePath(context, node.name);
  if (!context.catalog.catalogs.includes(catalog)) {
    mistake(
      context,
      'unknown-table',
      `unknown catalog '${catalog}'`,
      node.name.span,
      didYouMean(catalog, context.catalog.catalogs, node.name.span),
    );
  } else if (!context.catalog.hasDatabase(catalog, name)) {
    context.catalog.addDatabase(catalog, name);
  } else if (!node.ifNotExists) {
    mistake(context, 'duplicate-name', `a database '${name}' exists already`, node.name.span);
  }
}

export function drop(context: Context, node: Drop): void {
  switch (node.object) {
    case 'TABLE':
    case 'VIEW':
      dropObject(context, node);
      return;
    case 'DATABASE': {
      const [catalog, name] = databasePath(context, node.name);
      if (!context.catalog.hasDatabase(catalog, name)) {
        if (!node.ifExists) mistake(context, 'unknown-table', `unknown database '${name}'`, node.name.span);
      } else if (context.catalog.list(catalog, name).length > 0 && node.cascade !== 'CASCADE') {
        mistake(context, 'invalid-query', `database '${name}' is not empty`, node.name.span, { help: 'write CASCADE' });
      } else {
        for (const object of context.catalog.list(catalog, name)) context.catalog.remove(object);
        context.catalog.removeDatabase(catalog, name);
      }
      return;
    }
    case 'CATALOG':
    case 'FUNCTION':
      if (!node.ifExists) unsupported(context, `DROP ${node.object} is`, node.span);
  }
}

function dropObject(context: Context, node: Drop): void {
  const kind = node.object === 'TABLE' ? 'table' : 'view';
  const written = node.name.parts.map((part) => part.name).join('.');
  const object =
    context.catalog.findExact(node.name, node.temporary) ??
    (node.temporary ? undefined : context.catalog.findExact(node.name, true));
  if (object?.kind === kind) {
    if (object.temporary && !node.temporary) {
      mistake(context, 'invalid-query', `'${written}' is a temporary ${kind}`, node.name.span, {
        help: `write DROP TEMPORARY ${node.object}`,
      });
    } else context.catalog.remove(object);
    return;
  }
  if (node.ifExists || context.lost.has(node.name.parts.at(-1)!.name)) return;
  if (object !== undefined) {
    mistake(context, 'unknown-table', `'${written}' is a ${object.kind}`, node.name.span, {
      help: `write DROP ${object.kind.toUpperCase()}`,
    });
    return;
  }
  mistake(
    context,
    'unknown-table',
    `unknown ${kind} '${written}'`,
    node.name.span,
    didYouMean(written, context.catalog.names(), node.name.span),
  );
}

export function use(context: Context, node: Use): void {
  if (node.modules !== undefined) {
    const other = node.modules.find((name) => name.name !== 'core');
    if (other !== undefined) unsupported(context, 'modules other than core are', other.span);
    else if (node.modules.length > 1) {
      mistake(context, 'duplicate-name', "module 'core' is named twice", node.modules[1]!.span);
    }
    return;
  }
  if (node.name === undefined) return;
  const { catalog } = context;
  if (node.catalog) {
    const name = node.name.parts[0]!.name;
    if (catalog.catalogs.includes(name)) {
      catalog.catalog = name;
      catalog.database = catalog.databasesOf(name)[0] ?? 'default';
    } else
      mistake(
        context,
        'unknown-table',
        `unknown catalog '${name}'`,
        node.name.span,
        didYouMean(name, catalog.catalogs, node.name.span),
      );
    return;
  }
  const [catalogName, database] = databasePath(context, node.name);
  if (catalog.hasDatabase(catalogName, database)) {
    catalog.catalog = catalogName;
    catalog.database = database;
    return;
  }
  const extra = didYouMean(database, catalog.databasesOf(catalogName), node.name.span);
  mistake(context, 'unknown-table', `unknown database '${catalogName}.${database}'`, node.name.span, extra);
}

function databasePath(context: Context, name: Use['name'] & object): [string, string] {
  const parts = name.parts.map((part) => part.name);
  return [parts.length > 1 ? parts.at(-2)! : context.catalog.catalog, parts.at(-1)!];
}
