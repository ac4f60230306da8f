import type { Span } from '../diagnostics/diagnostic.ts';
import type { Name } from '../syntax/ast.ts';
import type { Relation } from './relation.ts';
import type { TableDefinition } from './table-definition.ts';

export interface CatalogTable {
  readonly kind: 'table';
  readonly path: readonly string[];
  readonly temporary: boolean;
  readonly definition: TableDefinition;
  readonly span: Span;
}

export interface CatalogView {
  readonly kind: 'view';
  readonly path: readonly string[];
  readonly temporary: boolean;
  readonly relation: Relation;
  readonly comment?: string;
  /** Of the CREATE VIEW statement. */
  readonly span: Span;
}

export type CatalogObject = CatalogTable | CatalogView;

export const DEFAULT_CATALOG = 'default_catalog';
export const DEFAULT_DATABASE = 'default_database';

/** Tables and views by catalog, database and name; temporary ones hide others of the same name. */
export class Catalog {
  readonly #permanent = new Map<string, CatalogObject>();
  readonly #temporary = new Map<string, CatalogObject>();
  readonly #databases = new Map<string, Set<string>>([[DEFAULT_CATALOG, new Set([DEFAULT_DATABASE])]]);
  readonly #asked = new Set<string>();
  catalog = DEFAULT_CATALOG;
  database = DEFAULT_DATABASE;

  /** The same objects in a catalog of its own: what is added to the one is not in the other. */
  copy(): Catalog {
    const copy = new Catalog();
    for (const [key, object] of this.#permanent) copy.#permanent.set(key, object);
    for (const [key, object] of this.#temporary) copy.#temporary.set(key, object);
    for (const [catalog, databases] of this.#databases) copy.#databases.set(catalog, new Set(databases));
    copy.catalog = this.catalog;
    copy.database = this.database;
    return copy;
  }

  /** Catalog, database and name of a written name. */
  pathOf(name: Name): [string, string, string] {
    const parts = name.parts.map((part) => part.name);
    const [third, second, first] = [parts.at(-1)!, parts.at(-2), parts.at(-3)];
    return [first ?? this.catalog, second ?? this.database, third];
  }

  find(name: Name): CatalogObject | undefined {
    const path = this.pathOf(name);
    this.#asked.add(path[2]);
    const key = keyOf(path);
    return this.#temporary.get(key) ?? this.#permanent.get(key);
  }

  /** Whether `find` was asked for an object of this name, in whatever database. */
  wasAsked(name: string): boolean {
    return this.#asked.has(name);
  }

  /** The object that CREATE or DROP of this kind means. */
  findExact(name: Name, temporary: boolean): CatalogObject | undefined {
    return (temporary ? this.#temporary : this.#permanent).get(keyOf(this.pathOf(name)));
  }

  put(object: CatalogObject): void {
    (object.temporary ? this.#temporary : this.#permanent).set(keyOf(object.path), object);
  }

  remove(object: CatalogObject): void {
    (object.temporary ? this.#temporary : this.#permanent).delete(keyOf(object.path));
  }

  /** The visible objects of a database (the current one), by name. */
  list(catalog = this.catalog, database = this.database): CatalogObject[] {
    const all = new Map([...this.#permanent, ...this.#temporary]);
    return [...all.values()]
      .filter(({ path }) => path[0] === catalog && path[1] === database)
      .sort((a, b) => (a.path[2]! < b.path[2]! ? -1 : 1));
  }

  /** How each visible object may be written here, for suggestions. */
  names(): string[] {
    const all = [...this.#permanent.values(), ...this.#temporary.values()];
    return all.map(({ path }) => (path[0] === this.catalog && path[1] === this.database ? path[2]! : path.join('.')));
  }

  get catalogs(): string[] {
    return [...this.#databases.keys()];
  }

  databasesOf(catalog: string): string[] {
    return [...(this.#databases.get(catalog) ?? [])];
  }

  hasDatabase(catalog: string, database: string): boolean {
    return this.#databases.get(catalog)?.has(database) ?? false;
  }

  addCatalog(name: string): void {
    this.#databases.set(name, new Set(['default']));
  }

  addDatabase(catalog: string, name: string): void {
    this.#databases.get(catalog)?.add(name);
  }

  removeDatabase(catalog: string, name: string): void {
    this.#databases.get(catalog)?.delete(name);
  }
}

function keyOf(path: readonly string[]): string {
  return path.join('\0');
}
