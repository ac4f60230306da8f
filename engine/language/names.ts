import type { Span } from '../diagnostics/diagnostic.ts';

/** Something with a name in a job file, and where it gets it. */
export interface Named {
  readonly kind: 'table' | 'view' | 'common table' | 'alias' | 'column';
  readonly name: string;
  /** The name itself. */
  readonly span: Span;
  /** The statement, column definition or item that defines it. */
  readonly whole: Span;
  /** The column of the output that an item without alias names: renaming it gives the item an alias. */
  readonly implied?: true;
  /** What an alias stands for. */
  readonly table?: Named;
}

/** One place where a name is written. */
export interface Occurrence {
  readonly span: Span;
  readonly named: Named;
  /** The item has no alias, and others know its column by this name: a rename keeps it as alias. */
  readonly keeps?: true;
}

/** The columns of a table, view or query, as far as they are known. */
export interface Columns {
  readonly list: readonly Named[];
  /** There may be others. */
  readonly open: boolean;
}

export const unknownColumns: Columns = { list: [], open: true };
